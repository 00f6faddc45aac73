//! What AWS would see of a call: its protocol, its fault if one was ordered, its entry in the journal.

use crate::error::AwsError;
use crate::faults::Instead;
use crate::html::page;
use crate::http::{Request, Response};
use crate::journal::Entry;
use crate::world::World;
use crate::{federation, json_api, query_api, sign_out};

/// How a call is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// Secrets Manager.
    Json,
    /// STS and IAM.
    Query,
    /// The sign-in endpoint.
    SignIn,
}

impl Protocol {
    pub(crate) fn of(request: &Request) -> Self {
        if matches!(request.path.as_str(), "/federation" | sign_out::PATH) {
            return Self::SignIn;
        }
        if request.header(json_api::TARGET).is_some() {
            return Self::Json;
        }
        Self::Query
    }

    /// The answer, or what was ordered in its place.
    pub(crate) fn handle(
        self,
        world: &mut World,
        request: &Request,
        entry: &mut Entry,
    ) -> Response {
        self.describe(request, entry);
        let injection = world.faults.take(&entry.op);
        entry.fault = injection.name;
        let response = match injection.instead {
            None => self.answer(world, request, entry),
            Some(Instead::Error(error)) => self.refuse(world, request, error, entry),
            Some(Instead::CaptivePortal) => Response::html(200, captive_portal()),
            Some(Instead::Reset) => Response::new(0, "text/plain", String::new()),
        };
        Response {
            latency: injection.latency,
            delivery: injection.delivery,
            ..response
        }
    }

    fn describe(self, request: &Request, entry: &mut Entry) {
        match self {
            Self::Json => json_api::describe(request, entry),
            Self::Query => query_api::describe(request, entry),
            Self::SignIn => federation::describe(request, entry),
        }
    }

    fn answer(self, world: &mut World, request: &Request, entry: &mut Entry) -> Response {
        match self {
            Self::Json => json_api::handle(world, request, entry),
            Self::Query => query_api::handle(world, request, entry),
            Self::SignIn => federation::handle(world, request, entry),
        }
    }

    fn refuse(
        self,
        world: &mut World,
        request: &Request,
        error: AwsError,
        entry: &mut Entry,
    ) -> Response {
        match self {
            Self::Json => json_api::refuse(world, error, entry),
            Self::Query => query_api::refuse(world, request, &error, entry),
            Self::SignIn => federation::refuse(&error, entry),
        }
    }
}

/// What a hotel's network answers in AWS's place.
fn captive_portal() -> String {
    page(
        "Guest network",
        None,
        "<main><section class=\"card\"><h1>Welcome</h1>\
         <p>Accept the terms of the guest network to go on.</p></section></main>",
    )
}
