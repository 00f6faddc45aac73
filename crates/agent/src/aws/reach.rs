//! Whether AWS can be reached: each endpoint is asked for something that needs a key, without one.
//! AWS refuses that in its own words, which no network's sign-in page has.

use std::{error::Error, io};

use aws_sdk_iam::config::endpoint as iam;
use aws_sdk_secretsmanager::config::endpoint as secretsmanager;
use aws_sdk_sts::config::endpoint as sts;
use aws_smithy_runtime_api::{
    client::{
        http::HttpConnector,
        orchestrator::{HttpRequest, HttpResponse},
    },
    http::Request,
};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use daypass_core::{
    config::{Endpoints, Settings},
    console,
    partition::Partition,
    problem::Problem,
};
use futures_util::future::BoxFuture;
use iam::ResolveEndpoint as _;
use secretsmanager::ResolveEndpoint as _;
use sts::ResolveEndpoint as _;
use tokio::{net::TcpStream, time::timeout};
use url::Url;

use super::http::{self, Http};
use crate::ports::{Endpoint, Network, Reach, Reached, Service};

/// The network, by the same proxy and certificates as all that goes to AWS.
#[derive(Clone)]
pub struct Line {
    http: Http,
    endpoints: Endpoints,
}

impl Line {
    /// Prepares the HTTP stack; connects only when asked.
    pub fn new(http: &Http, endpoints: &Endpoints) -> Self {
        Self {
            http: http.clone(),
            endpoints: endpoints.clone(),
        }
    }

    async fn address(&self, endpoint: &Endpoint) -> Option<Url> {
        let region = endpoint.region.as_str();
        let (set, resolved) = match endpoint.service {
            Service::SignIn => {
                let mut partitions = Partition::ALL.into_iter();
                let partition = partitions.find(|partition| partition.has_region(region))?;
                return console::federation(partition, Some(region), &self.endpoints).ok();
            }
            Service::Sts => {
                let params = sts::Params::builder().region(region).build().ok()?;
                let resolver = sts::DefaultResolver::new();
                (
                    &self.endpoints.sts,
                    resolver.resolve_endpoint(&params).await,
                )
            }
            Service::Iam => {
                let params = iam::Params::builder().region(region).build().ok()?;
                let resolver = iam::DefaultResolver::new();
                (
                    &self.endpoints.iam,
                    resolver.resolve_endpoint(&params).await,
                )
            }
            Service::SecretsManager => {
                let params = secretsmanager::Params::builder().region(region).build();
                let resolver = secretsmanager::DefaultResolver::new();
                let params = params.ok()?;
                let resolved = resolver.resolve_endpoint(&params).await;
                (&self.endpoints.secretsmanager, resolved)
            }
        };
        let url = match set {
            Some(url) => url.clone(),
            None => resolved.ok()?.url().to_owned(),
        };
        Url::parse(&url).ok()
    }

    async fn ask(&self, service: Service, url: &Url) -> Reach {
        let Some(request) = request(service, url) else {
            return Reach::Nowhere;
        };
        let connector = self.http.connector(None);
        let call = async {
            match connector.call(request).await {
                Ok(response) => judge(service, response).await,
                Err(error) if error.is_timeout() => Reach::Silence,
                Err(error) => obstacle(&error),
            }
        };
        timeout(http::TOTAL, call).await.unwrap_or(Reach::Silence)
    }
}

impl Network for Line {
    fn reach(&self, endpoint: Endpoint) -> BoxFuture<'static, Reached> {
        let this = self.clone();
        Box::pin(async move {
            let Some(url) = this.address(&endpoint).await else {
                return Reached {
                    address: endpoint.region,
                    reach: Reach::Nowhere,
                };
            };
            Reached {
                reach: this.ask(endpoint.service, &url).await,
                address: url.origin().ascii_serialization(),
            }
        })
    }

    fn check(&self, settings: &Settings) -> Result<(), Problem> {
        Http::new(settings).map(|_| ())
    }

    fn reach_proxy(&self) -> BoxFuture<'static, Option<Reached>> {
        let proxy = self.http.proxy_address.clone();
        Box::pin(async move {
            let proxy = proxy?;
            let host = proxy.host.trim_matches(['[', ']']);
            let reach = match timeout(http::CONNECT, TcpStream::connect((host, proxy.port))).await {
                Ok(Ok(_)) => Reach::Answer,
                Ok(Err(error)) => obstacle_of_io(&error).unwrap_or(Reach::NoSuchName),
                Err(_) => Reach::Silence,
            };
            Some(Reached {
                address: format!("{}:{}", proxy.host, proxy.port),
                reach,
            })
        })
    }
}

/// What every key may ask, but nobody without one.
fn request(service: Service, url: &Url) -> Option<HttpRequest> {
    const FORM: &str = "application/x-www-form-urlencoded";
    let (kind, body) = match service {
        Service::Sts => (FORM, "Action=GetCallerIdentity&Version=2011-06-15"),
        Service::Iam => (FORM, "Action=GetUser&Version=2010-05-08"),
        Service::SignIn => (FORM, "Action=getSigninToken&Session=%7B%7D"),
        Service::SecretsManager => ("application/x-amz-json-1.1", "{}"),
    };
    let mut request = Request::new(SdkBody::from(body));
    request.set_method("POST").ok()?;
    request.set_uri(url.as_str()).ok()?;
    let headers = request.headers_mut();
    headers.insert("content-type", kind);
    headers.insert("content-length", body.len().to_string());
    headers.insert("user-agent", http::USER_AGENT);
    if service == Service::SecretsManager {
        headers.insert("x-amz-target", "secretsmanager.ListSecrets");
    }
    Some(request)
}

/// The sign-in endpoint answers 400 to what is not complete, and says nothing of use with it
/// (AWS_RULES 3.5).
async fn judge(service: Service, mut response: HttpResponse) -> Reach {
    if service == Service::SignIn && response.status().as_u16() == 400 {
        return Reach::Answer;
    }
    let body = std::mem::replace(response.body_mut(), SdkBody::taken());
    let Ok(body) = ByteStream::new(body).collect().await else {
        return Reach::Broken;
    };
    let body = body.to_vec();
    let body = String::from_utf8_lossy(&body);
    let is_aws = match service {
        Service::Sts | Service::Iam => body.contains("<ErrorResponse"),
        Service::SecretsManager => body.contains("\"__type\""),
        Service::SignIn => false,
    };
    if is_aws {
        Reach::Answer
    } else {
        Reach::Stranger
    }
}

/// What was in the way, from the depths of the error.
fn obstacle(error: &(dyn Error + 'static)) -> Reach {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(reach) = obstacle_of(error) {
            return reach;
        }
        // The source of an error in an io::Error is that error's source, not that error.
        next = match error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    Reach::Broken
}

fn obstacle_of(error: &(dyn Error + 'static)) -> Option<Reach> {
    if let Some(rustls::Error::InvalidCertificate(_)) = error.downcast_ref() {
        return Some(Reach::Untrusted);
    }
    if let Some(error) = error.downcast_ref::<io::Error>() {
        return obstacle_of_io(error);
    }
    // hyper-util keeps the types of these to itself.
    match error.to_string().as_str() {
        "dns error" => Some(Reach::NoSuchName),
        "tunnel error: unsuccessful" | "tunnel error: proxy authorization required" => {
            Some(Reach::ProxyRefused)
        }
        _ => None,
    }
}

fn obstacle_of_io(error: &io::Error) -> Option<Reach> {
    match error.kind() {
        io::ErrorKind::ConnectionRefused
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::HostUnreachable => Some(Reach::Refused),
        io::ErrorKind::TimedOut => Some(Reach::Silence),
        _ => None,
    }
}
