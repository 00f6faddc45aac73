//! A network in front of a server, which can be told to misbehave.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, Shutdown, SocketAddr, SocketAddrV4, TcpListener, TcpStream},
    os::fd::OwnedFd,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use rustix::net::{AddressFamily, SocketType, bind, getsockname, socket, sockopt};

use crate::{Error, Result};

/// What happens to connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Path {
    /// They lead to this address, unchanged.
    To(String),
    /// They are refused.
    Refused,
    /// They are accepted, and nothing more.
    BlackHole,
    /// They are told this, whatever they ask, and nothing more; they stay open for asking.
    HalfClosed(&'static str),
}

/// The proxy. A change of the path cuts all connections, as when a cable is pulled.
pub struct Proxy {
    address: SocketAddr,
    /// Keeps the port while nobody listens there.
    _port: OwnedFd,
    open: Arc<Mutex<Open>>,
}

/// What ends when the path changes.
#[derive(Default)]
struct Open {
    /// Counts the paths, so that a connection of an earlier one is not kept.
    path: u32,
    listener: Option<TcpListener>,
    connections: Vec<TcpStream>,
}

impl Proxy {
    /// Starts on a free port, in front of the server of this URL.
    ///
    /// # Errors
    /// When there is no free port.
    pub fn start(url: &str) -> Result<Self> {
        let port = socket(AddressFamily::INET, SocketType::STREAM, None).map_err(system)?;
        sockopt::set_socket_reuseaddr(&port, true).map_err(system)?;
        bind(&port, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0)).map_err(system)?;
        let address = getsockname(&port).map_err(system)?;
        let address = SocketAddr::try_from(address).map_err(system)?;
        let proxy = Self {
            address,
            _port: port,
            open: Arc::default(),
        };
        proxy.lead(Path::To(authority(url)))?;
        Ok(proxy)
    }

    /// Host and port.
    pub fn authority(&self) -> String {
        self.address.to_string()
    }

    /// Cuts all connections; further ones go this way.
    ///
    /// # Errors
    /// Those of the system.
    pub fn lead(&self, path: Path) -> Result<()> {
        let mut open = lock(&self.open);
        open.close();
        if path == Path::Refused {
            return Ok(());
        }
        let listener = TcpListener::bind(self.address)?;
        open.listener = Some(listener.try_clone()?);
        let keeper = Keeper {
            open: Arc::clone(&self.open),
            path: open.path,
        };
        thread::spawn(move || {
            while let Ok((client, _)) = listener.accept() {
                let (keeper, path) = (keeper.clone(), path.clone());
                thread::spawn(move || walk(client, path, &keeper));
            }
        });
        Ok(())
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        lock(&self.open).close();
    }
}

impl Open {
    fn close(&mut self) {
        self.path += 1;
        if let Some(listener) = self.listener.take() {
            // Wakes the thread that accepts. From here on connections are refused.
            let _ = rustix::net::shutdown(&listener, rustix::net::Shutdown::Both);
        }
        for connection in self.connections.drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }
}

/// Puts connections where the next change of the path finds them.
#[derive(Clone)]
struct Keeper {
    open: Arc<Mutex<Open>>,
    path: u32,
}

impl Keeper {
    /// Nothing when the path has changed.
    fn keep(&self, connection: TcpStream) -> Option<TcpStream> {
        let mut open = lock(&self.open);
        if open.path != self.path {
            return None;
        }
        open.connections.push(connection.try_clone().ok()?);
        Some(connection)
    }
}

/// Serves one connection until its end; whatever goes wrong is its end.
fn walk(client: TcpStream, path: Path, keeper: &Keeper) {
    let Some(mut client) = keeper.keep(client) else {
        return;
    };
    match path {
        Path::To(address) => {
            let server = TcpStream::connect(address).ok();
            if let Some(server) = server.and_then(|server| keeper.keep(server)) {
                join(client, server);
            }
        }
        Path::Refused => {}
        Path::BlackHole => read_to_the_end(client),
        Path::HalfClosed(answer) => {
            // The answer comes after the question has begun.
            let _ = client.read(&mut [0]);
            let _ = client.write_all(answer.as_bytes());
            let _ = client.shutdown(Shutdown::Write);
            read_to_the_end(client);
        }
    }
}

fn read_to_the_end(mut from: TcpStream) {
    let _ = std::io::copy(&mut from, &mut std::io::sink());
}

fn join(client: TcpStream, server: TcpStream) {
    if let (Ok(mut from), Ok(mut to)) = (client.try_clone(), server.try_clone()) {
        thread::spawn(move || {
            let _ = std::io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Write);
        });
    }
    let (mut from, mut to) = (server, client);
    let _ = std::io::copy(&mut from, &mut to);
    // A server that was cut off is one to its client too.
    let _ = to.shutdown(Shutdown::Both);
}

fn authority(url: &str) -> String {
    let (_, authority) = url.split_once("://").unwrap_or(("", url));
    authority.trim_end_matches('/').to_owned()
}

fn system(error: rustix::io::Errno) -> Error {
    Error::new(format!("there is no port for the proxy: {error}"))
}

fn lock(open: &Mutex<Open>) -> MutexGuard<'_, Open> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}
