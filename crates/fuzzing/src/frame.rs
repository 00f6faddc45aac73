use daypass_core::{
    frame::{FrameError, HEADER_LEN, MAX_ANSWER, MAX_REQUEST, body_len, decode, encode},
    protocol::{Envelope, Event, Response},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::Verdict;

/// P8: a frame on the socket, from either side. A message that is understood is understood the same
/// once it was written again, and its buffer never grew.
pub fn frame(data: &[u8]) -> Verdict {
    let Some((header, body)) = data.split_first_chunk::<HEADER_LEN>() else {
        return Verdict::Refused;
    };
    check_header(*header);
    let request = round_trip::<Envelope>(body);
    if let Some(written) = &request {
        check_name(written);
    }
    let answer = round_trip::<Response>(body);
    let event = round_trip::<Event>(body);
    (request.or(answer).or(event)).is_some().into()
}

fn check_header(header: [u8; HEADER_LEN]) {
    let announced = usize::try_from(u32::from_be_bytes(header)).expect("32 bits or more");
    for max in [MAX_REQUEST, MAX_ANSWER] {
        let wanted = if announced > max {
            Err(FrameError::TooLong)
        } else {
            Ok(announced)
        };
        assert_eq!(body_len(header, max), wanted);
    }
}

fn round_trip<T: Serialize + DeserializeOwned>(body: &[u8]) -> Option<Vec<u8>> {
    let first = written(&decode::<T>(body).ok()?);
    let again = decode::<T>(&first).expect("what we write we understand");
    assert!(first == written(&again), "a message changed on its way");
    Some(first)
}

fn written(message: &impl Serialize) -> Vec<u8> {
    let frame = encode(message, MAX_ANSWER).expect("no longer than the input allows");
    let (header, body) = frame.split_first_chunk::<HEADER_LEN>().expect("a header");
    assert_eq!(body_len(*header, MAX_ANSWER), Ok(body.len()));
    if body.len() <= MAX_REQUEST {
        assert_eq!(frame.capacity(), HEADER_LEN + MAX_REQUEST);
    }
    body.to_vec()
}

/// A log names a request as the protocol does (T18).
fn check_name(envelope: &[u8]) {
    let tagged: Value = serde_json::from_slice(envelope).expect("JSON");
    let request = tagged.get("request").expect("a request");
    let tag = match request {
        Value::String(tag) => Some(tag),
        Value::Object(fields) => fields.keys().next(),
        _ => None,
    };
    let understood: Envelope = decode(envelope).expect("what we write we understand");
    assert_eq!(tag.map(String::as_str), Some(understood.request.name()));
}
