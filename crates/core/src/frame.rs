//! Frames on the socket: four bytes of length, big-endian, then that many bytes of JSON.

use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

/// The longest request that the agent accepts (T21). Every message with a secret fits.
pub const MAX_REQUEST: usize = 64 * 1024;

/// The longest answer that a client accepts: the state of some ten thousand roles.
pub const MAX_ANSWER: usize = 16 * 1024 * 1024;

/// Bytes of the length in front of a frame.
pub const HEADER_LEN: usize = 4;

/// Why bytes are not a frame.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FrameError {
    /// Longer than the limit of its direction.
    #[error("a message that is longer than the protocol allows")]
    TooLong,
    /// Not the JSON that this version understands.
    #[error("a message that this version of Daypass does not understand")]
    Malformed,
}

/// Writes a message as one frame of at most `max` bytes. The buffer is wiped when dropped, and
/// starts so large that a message with a secret never makes it grow: growing leaves a copy behind.
///
/// # Errors
/// When the message is too long.
pub fn encode(message: &impl Serialize, max: usize) -> Result<Zeroizing<Vec<u8>>, FrameError> {
    let mut frame = Zeroizing::new(Vec::with_capacity(HEADER_LEN + MAX_REQUEST));
    frame.extend_from_slice(&[0; HEADER_LEN]);
    serde_json::to_writer(&mut *frame, message).map_err(|_| FrameError::Malformed)?;
    let length = frame.len() - HEADER_LEN;
    if length > max {
        return Err(FrameError::TooLong);
    }
    let header = u32::try_from(length).map_err(|_| FrameError::TooLong)?;
    if let Some(place) = frame.first_chunk_mut::<HEADER_LEN>() {
        *place = header.to_be_bytes();
    }
    Ok(frame)
}

/// The length that a header announces.
///
/// # Errors
/// When it is more than `max`.
pub fn body_len(header: [u8; HEADER_LEN], max: usize) -> Result<usize, FrameError> {
    let length = usize::try_from(u32::from_be_bytes(header)).unwrap_or(usize::MAX);
    if length > max {
        return Err(FrameError::TooLong);
    }
    Ok(length)
}

/// Reads the body of a frame.
///
/// # Errors
/// When it is not the JSON of a `T`. The error never quotes the bytes: they may be secret.
pub fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, FrameError> {
    serde_json::from_slice(body).map_err(|_| FrameError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Envelope, Request};

    #[test]
    fn a_message_survives_the_way() {
        let frame = encode(&"grüße", MAX_REQUEST).unwrap();
        let (header, body) = frame.split_first_chunk::<HEADER_LEN>().unwrap();
        assert_eq!(body_len(*header, MAX_REQUEST), Ok(body.len()));
        assert_eq!(decode::<String>(body).unwrap(), "grüße");
    }

    #[test]
    fn long_messages_are_refused_on_both_sides() {
        assert!(encode(&"x".repeat(MAX_REQUEST), MAX_REQUEST).is_err());
        assert_eq!(
            body_len([0, 1, 0, 1], MAX_REQUEST),
            Err(FrameError::TooLong)
        );
    }

    proptest::proptest! {
        /// P8: any bytes on the socket end in an error or a request, never in a panic.
        #[test]
        fn p8_any_bytes_are_survived(bytes: Vec<u8>) {
            let _ = decode::<Envelope>(&bytes);
            let _ = decode::<Request>(&bytes);
        }

        /// P8: a header announces no more than the limit, or is refused.
        #[test]
        fn p8_a_length_is_bounded(header: [u8; HEADER_LEN], max in 0..MAX_ANSWER) {
            if let Ok(length) = body_len(header, max) {
                proptest::prop_assert!(length <= max);
            }
        }
    }
}
