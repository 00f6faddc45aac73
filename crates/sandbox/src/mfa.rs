//! The code that comes with GetSessionToken and AssumeRole.

use crate::credentials::Caller;
use crate::error::AwsError;
use crate::journal::Entry;
use crate::params::Params;
use crate::totp;
use crate::world::World;

/// Checks the code when the call has one; whether it did.
///
/// A code that was right is spent, whatever else is wrong with the call.
pub(crate) fn check(
    world: &mut World,
    caller: &Caller,
    params: &Params,
    entry: &mut Entry,
) -> Result<bool, AwsError> {
    let (serial, code) = match (params.get("SerialNumber"), params.get("TokenCode")) {
        (None, None) => return Ok(false),
        (Some(serial), Some(code)) => (serial, code),
        _ => return Err(AwsError::half_an_mfa_code()),
    };
    let now = world.now();
    let device = world
        .devices
        .iter()
        .find(|device| device.serial == serial && device.belongs_to(&caller.principal))
        .ok_or_else(AwsError::unknown_mfa_device)?;
    let step = totp::matching_step(&device.key, now, code).ok_or_else(AwsError::wrong_mfa_code)?;
    entry.step = Some(step);
    // RFC 6238, section 5.2: the second use of a code is refused.
    if !world.spent_codes.insert((serial.to_owned(), step)) {
        return Err(AwsError::wrong_mfa_code());
    }
    Ok(true)
}
