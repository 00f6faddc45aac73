//! The requests of AWS's published Signature Version 4 test suite, with the signatures that it gives for them.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up should stop"
)]

use hyper::header::{HeaderMap, HeaderName, HeaderValue};

use super::*;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const TIMESTAMP: &str = "20150830T123600Z";
const TOKEN: &str = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267";
const FORM_HASH: &str = "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e";
const UNRESERVED: &str = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

struct Vector<'a> {
    name: &'a str,
    method: &'a str,
    path: &'a str,
    query: &'a str,
    headers: &'a [(&'a str, &'a str)],
    body: &'a str,
    signature: &'a str,
}

const GET: Vector<'_> = Vector {
    name: "get-vanilla",
    method: "GET",
    path: "/",
    query: "",
    headers: &[],
    body: "",
    signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
};

const POST: Vector<'_> = Vector {
    name: "post-vanilla",
    method: "POST",
    signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    ..GET
};

impl Vector<'_> {
    fn request(&self) -> Request {
        let mut headers = HeaderMap::new();
        let common = [("host", "example.amazonaws.com"), ("x-amz-date", TIMESTAMP)];
        for (name, value) in common.iter().chain(self.headers) {
            headers.append(
                name.parse::<HeaderName>().unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        Request {
            method: self.method.to_owned(),
            path: self.path.to_owned(),
            query: self.query.to_owned(),
            headers,
            body: self.body.as_bytes().to_vec(),
        }
    }

    fn authorization(&self, request: &Request) -> Authorization {
        let mut names: Vec<&str> = request.headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        Authorization::parse(&format!(
            "{ALGORITHM} Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders={}, Signature={}",
            names.join(";"),
            self.signature
        ))
        .unwrap()
    }

    fn verifies(&self, secret: &str) -> bool {
        let request = self.request();
        self.authorization(&request)
            .verifies(&request, TIMESTAMP, secret)
    }
}

fn vectors() -> Vec<Vector<'static>> {
    vec![
        GET,
        POST,
        Vector {
            name: "get-vanilla-query-order-key-case",
            query: "Param2=value2&Param1=value1",
            signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            ..GET
        },
        Vector {
            name: "get-vanilla-query-order-encoded",
            query: "Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
            signature: "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac",
            ..GET
        },
        Vector {
            name: "get-vanilla-empty-query-key",
            query: "Param1=value1",
            signature: "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
            ..GET
        },
        Vector {
            name: "get-vanilla-utf8-query",
            query: "ሴ=bar",
            signature: "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
            ..GET
        },
        Vector {
            name: "get-vanilla-query-unreserved",
            query: concat!(
                "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=",
                "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
            ),
            signature: "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
            ..GET
        },
        Vector {
            name: "get-header-key-duplicate",
            headers: &[
                ("my-header1", "value2"),
                ("my-header1", "value2"),
                ("my-header1", "value1"),
            ],
            signature: "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
            ..GET
        },
        Vector {
            name: "get-header-value-order",
            headers: &[
                ("my-header1", "value4"),
                ("my-header1", "value1"),
                ("my-header1", "value3"),
                ("my-header1", "value2"),
            ],
            signature: "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01",
            ..GET
        },
        Vector {
            name: "get-header-value-trim",
            headers: &[("my-header1", " value1"), ("my-header2", "\"a   b   c\"")],
            signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
            ..GET
        },
        Vector {
            name: "get-header-value-multiline",
            headers: &[("my-header1", "value1  value2     value3")],
            signature: "cfd34249e4b1c8d6b91ef74165d41a32e5fab3306300901bb65a51a73575eefd",
            ..GET
        },
        Vector {
            name: "get-utf8",
            path: "/ሴ",
            signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
            ..GET
        },
        Vector {
            name: "get-slashes-normalized",
            path: "//example//",
            signature: "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84",
            ..GET
        },
        Vector {
            name: "get-relative-normalized",
            path: "/example/..",
            ..GET
        },
        Vector {
            name: "get-space-normalized",
            path: "/example%20space/",
            signature: "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741",
            ..GET
        },
        Vector {
            name: "get-vanilla-with-session-token",
            headers: &[("x-amz-security-token", TOKEN)],
            signature: "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8",
            ..GET
        },
        Vector {
            name: "post-vanilla-query",
            query: "Param1=value1",
            signature: "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
            ..POST
        },
        Vector {
            name: "post-header-key-sort",
            headers: &[("my-header1", "value1")],
            signature: "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
            ..POST
        },
        Vector {
            name: "post-x-www-form-urlencoded",
            headers: &[
                ("content-type", "application/x-www-form-urlencoded"),
                ("content-length", "13"),
                ("x-amz-content-sha256", FORM_HASH),
            ],
            body: "Param1=value1",
            signature: "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b",
            ..POST
        },
        Vector {
            name: "post-x-www-form-urlencoded-parameters",
            headers: &[
                (
                    "content-type",
                    "application/x-www-form-urlencoded; charset=utf-8",
                ),
                ("content-length", "13"),
                ("x-amz-content-sha256", FORM_HASH),
            ],
            body: "Param1=value1",
            signature: "328d1b9eaadca9f5818ef05e8392801e091653bafec24fcab71e7344e7f51422",
            ..POST
        },
    ]
}

#[test]
fn computes_the_signatures_of_the_test_suite() {
    for vector in vectors() {
        assert!(vector.verifies(SECRET), "{}", vector.name);
    }
}

#[test]
fn another_secret_or_a_changed_request_does_not_verify() {
    for vector in vectors() {
        assert!(!vector.verifies("another"), "{}", vector.name);
        let changed = Vector {
            body: "changed",
            ..vector
        };
        assert!(!changed.verifies(SECRET), "{}", changed.name);
    }
}

#[test]
fn get_unreserved() {
    let path = format!("/{UNRESERVED}");
    let vector = Vector {
        name: "get-unreserved",
        path: &path,
        signature: "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
        ..GET
    };
    assert!(vector.verifies(SECRET));
}

#[test]
fn an_incomplete_header_is_named() {
    let error = |header: &str| Authorization::parse(header).unwrap_err();
    assert_eq!(
        error("AWS4-HMAC-SHA256 Credential=a/b/c/d/e"),
        "Authorization header requires 'Signature' parameter. \
         Authorization header requires 'SignedHeaders' parameter."
    );
    assert_eq!(error("Bearer x"), "Unsupported AWS 'algorithm': 'Bearer'.");
    let four = "AWS4-HMAC-SHA256 Credential=a/b/c/d, SignedHeaders=host, Signature=0";
    assert!(error(four).starts_with("Credential must have exactly 5"));
}

#[test]
fn times_are_read_strictly() {
    let time = parse_basic_format(TIMESTAMP).unwrap();
    assert_eq!(basic_format(time), TIMESTAMP);
    for wrong in [
        "",
        "20150830",
        "20150830T123600",
        "2015-08-30T12:36:00Z",
        "20151330T123600Z",
    ] {
        assert_eq!(parse_basic_format(wrong), None, "{wrong}");
    }
}
