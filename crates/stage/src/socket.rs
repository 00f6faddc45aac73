//! The agent's socket, spoken to without a line of our own client (`core/src/frame.rs` says how):
//! by those who behave, and by those who don't.

use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
    path::PathBuf,
};

use serde_json::{Value, json};

use crate::{Error, Result};

/// Where the agent listens.
pub struct Socket(PathBuf);

impl Socket {
    /// The socket at a path.
    pub const fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Asks for something and waits for the answer.
    ///
    /// # Errors
    /// When the agent goes away.
    pub fn ask(&self, request: &Value) -> Result<Value> {
        self.begin(request)?.read()
    }

    /// Asks for something and leaves the answer for later.
    ///
    /// # Errors
    /// When no agent listens.
    pub fn begin(&self, request: &Value) -> Result<Answers> {
        let body = json!({"version": 1, "request": request}).to_string();
        let length = u32::try_from(body.len()).map_err(|_| Error::new("a request too long"))?;
        self.say(&[&length.to_be_bytes(), body.as_bytes()].concat())
    }

    /// Says anything.
    ///
    /// # Errors
    /// When no agent listens.
    pub fn say(&self, bytes: &[u8]) -> Result<Answers> {
        let mut stream = UnixStream::connect(&self.0)?;
        stream.write_all(bytes)?;
        Ok(Answers(stream))
    }
}

/// What comes back: one answer, or states for as long as this lives.
pub struct Answers(UnixStream);

impl Answers {
    /// Waits for the next one.
    ///
    /// # Errors
    /// When none comes any more.
    pub fn read(&mut self) -> Result<Value> {
        let mut header = [0; 4];
        self.0.read_exact(&mut header)?;
        let length = usize::try_from(u32::from_be_bytes(header));
        let mut body = vec![0; length.map_err(|_| Error::new("an answer too long"))?];
        self.0.read_exact(&mut body)?;
        serde_json::from_slice(&body).map_err(|error| Error::new(error.to_string()))
    }
}
