//! GetCallerIdentity: nothing can deny it.

use crate::credentials::Caller;
use crate::journal::Entry;
use crate::params::Params;
use crate::query_api::Answer;
use crate::world::World;
use crate::xml::Xml;

pub(super) fn run(_: &mut World, caller: &Caller, _: &Params, _: &mut Entry) -> Answer {
    let principal = &caller.principal;
    let answer = Xml::default()
        .element("Arn", principal.arn())
        .element("UserId", principal.user_id())
        .element("Account", &principal.account().id);
    Ok(Some(answer))
}
