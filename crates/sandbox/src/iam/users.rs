//! GetUser and ListMFADevices.

use super::target;
use crate::constraint::{USER_NAME, Violations};
use crate::credentials::{Caller, Principal};
use crate::error::AwsError;
use crate::journal::Entry;
use crate::params::Params;
use crate::query_api::Answer;
use crate::sts::iso;
use crate::world::World;
use crate::xml::Xml;

pub(super) fn get_user(
    world: &mut World,
    caller: &Caller,
    params: &Params,
    _: &mut Entry,
) -> Answer {
    check_user_name(params)?;
    let target = target(world, caller, params, "GetUser")?;
    let Principal::User { account, name, .. } = &target else {
        return Err(AwsError::no_such_user(""));
    };
    let user = world
        .user(account, name)
        .ok_or_else(|| AwsError::no_such_user(name))?;
    let user = Xml::default()
        .element("Path", "/")
        .element("UserName", &user.name)
        .element("UserId", &user.id)
        .element("Arn", target.arn())
        .element("CreateDate", iso(user.created_at));
    Ok(Some(Xml::default().nest("User", user)))
}

pub(super) fn list_mfa_devices(
    world: &mut World,
    caller: &Caller,
    params: &Params,
    _: &mut Entry,
) -> Answer {
    check_user_name(params)?;
    let target = target(world, caller, params, "ListMFADevices")?;
    let devices = world
        .devices
        .iter()
        .filter(|device| device.belongs_to(&target))
        .fold(Xml::default(), |list, device| {
            let device = Xml::default()
                .element("UserName", &device.user)
                .element("SerialNumber", &device.serial)
                .element("EnableDate", iso(device.enabled_at));
            list.nest("member", device)
        });
    let answer = Xml::default()
        .nest("MFADevices", devices)
        .element("IsTruncated", "false");
    Ok(Some(answer))
}

fn check_user_name(params: &Params) -> Result<(), AwsError> {
    let mut violations = Violations::default();
    violations.text("userName", params.get("UserName"), USER_NAME);
    violations.into_result()
}
