//! How a sign-in link reaches the browser: as a redirect from a loopback address that works once.
//!
//! The link is a bearer secret, and a process argument can be read by every user of the machine.
//! So the browser gets `http://127.0.0.1:<port>/<128 random bits>`, and the link in the answer
//! (T13; AWS's own guide recommends a 302).

use std::{
    fmt::Write as _,
    io,
    net::{Ipv4Addr, SocketAddr, SocketAddrV4},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use daypass_core::{problem::Problem, secret::Secret};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{Instant, timeout, timeout_at},
};

/// How long the address answers. Browsers that are already running take well under a second, a
/// cold one some.
const LIFE: Duration = Duration::from_secs(30);
/// The longest request head that is read.
const MAX_HEAD: usize = 16 * 1024;
const READ: Duration = Duration::from_secs(5);
/// So many connections are looked at at once. Any user of the machine may make some: few enough for
/// our descriptors, and more than keep the browser out by chance.
const MOST: usize = 256;

/// Serves the link once, and yields the address to open. `on_reuse` is called when somebody asks a
/// second time.
///
/// # Errors
/// When no port or no randomness is to be had.
pub async fn serve(
    link: Secret,
    on_reuse: impl Fn() + Send + Sync + 'static,
) -> Result<String, Problem> {
    let failed =
        |_| Problem::ours("The address that leads the browser to the console could not be opened.");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let path = random_path().map_err(failed)?;
    let url = format!("http://{address}{path}");
    let page = Arc::new(Page {
        address,
        path,
        link: Mutex::new(Some(link)),
        on_reuse: Box::new(on_reuse),
    });
    tokio::spawn(answer_all(listener, page));
    Ok(url)
}

/// Answers every connection beside the others: a browser opens some ahead and says nothing on them.
async fn answer_all(listener: TcpListener, page: Arc<Page>) {
    let end = Instant::now() + LIFE;
    let places = Arc::new(Semaphore::new(MOST));
    while let Ok(Ok((stream, client))) = timeout_at(end, listener.accept()).await {
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            continue;
        };
        let page = Arc::clone(&page);
        tokio::spawn(async move {
            answer(stream, client, page).await;
            drop(place);
        });
    }
}

async fn answer(mut stream: TcpStream, client: SocketAddr, page: Arc<Page>) {
    let asked = timeout(READ, asked_path(&mut stream)).await.ok().flatten();
    // Looked up only for who knows the path: the table is long, and anybody may connect.
    let ours = asked.as_deref() == Some(&*page.path) && is_ours(client, page.address);
    let verdict = {
        let mut link = page.link.lock().unwrap_or_else(PoisonError::into_inner);
        judge(asked.as_deref(), &page.path, ours, &mut link)
    };
    if matches!(verdict, Verdict::Gone) {
        (page.on_reuse)();
    }
    // A browser that went away gets nothing; the next one gets 410.
    let _ = timeout(READ, respond(&mut stream, verdict)).await;
}

/// The one page that is served.
struct Page {
    address: SocketAddr,
    path: String,
    link: Mutex<Option<Secret>>,
    on_reuse: Box<dyn Fn() + Send + Sync>,
}

enum Verdict {
    Redirect(Secret),
    Gone,
    Forbidden,
    NotFound,
}

fn judge(asked: Option<&str>, path: &str, ours: bool, link: &mut Option<Secret>) -> Verdict {
    if asked != Some(path) {
        return Verdict::NotFound;
    }
    if !ours {
        return Verdict::Forbidden;
    }
    link.take().map_or(Verdict::Gone, Verdict::Redirect)
}

/// The path of a GET request, or nothing for anything else.
async fn asked_path(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = stream.read_buf(&mut head).await.ok()?;
        if read == 0 || head.len() > MAX_HEAD {
            return None;
        }
    }
    let line = std::str::from_utf8(head.split(|byte| *byte == b'\r').next()?).ok()?;
    let path = line.strip_prefix("GET ")?.strip_suffix(" HTTP/1.1")?;
    Some(path.to_owned())
}

async fn respond(stream: &mut TcpStream, verdict: Verdict) -> io::Result<()> {
    let (status, text, link) = match verdict {
        Verdict::Redirect(link) => ("302 Found", "", Some(link)),
        Verdict::Gone => (
            "410 Gone",
            "This sign-in link was already used. Open the console from Daypass again.",
            None,
        ),
        Verdict::Forbidden => (
            "403 Forbidden",
            "This link belongs to another user of this computer.",
            None,
        ),
        Verdict::NotFound => ("404 Not Found", "", None),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n",
        text.len()
    );
    stream.write_all(head.as_bytes()).await?;
    if let Some(link) = link {
        stream.write_all(b"Location: ").await?;
        stream.write_all(link.expose().as_bytes()).await?;
        stream.write_all(b"\r\n").await?;
    }
    stream.write_all(b"\r\n").await?;
    stream.write_all(text.as_bytes()).await?;
    stream.shutdown().await
}

fn random_path() -> io::Result<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|_| io::ErrorKind::Other)?;
    let mut path = String::from("/");
    for byte in bytes {
        // Writing into a String does not fail.
        let _ = write!(path, "{byte:02x}");
    }
    Ok(path)
}

/// Whether the client's socket belongs to our own user, as the kernel tells it in `/proc/net/tcp`.
#[cfg(target_os = "linux")]
fn is_ours(client: SocketAddr, server: SocketAddr) -> bool {
    let (SocketAddr::V4(client), SocketAddr::V4(server)) = (client, server) else {
        return false;
    };
    let Ok(table) = std::fs::read_to_string("/proc/net/tcp") else {
        return false;
    };
    socket_owner(&table, client, server) == Some(rustix::process::geteuid().as_raw())
}

/// Elsewhere the kernel offers no such table; 128 random bits have to do.
#[cfg(not(target_os = "linux"))]
fn is_ours(_client: SocketAddr, _server: SocketAddr) -> bool {
    true
}

/// The uid column of the connection's line (proc_net_tcp in the kernel's documentation).
#[cfg(target_os = "linux")]
fn socket_owner(table: &str, client: SocketAddrV4, server: SocketAddrV4) -> Option<u32> {
    let hex = |address: SocketAddrV4| {
        let ip = u32::from_ne_bytes(address.ip().octets());
        format!("{ip:08X}:{:04X}", address.port())
    };
    let (local, remote) = (hex(client), hex(server));
    table.lines().find_map(|line| {
        let mut columns = line.split_whitespace().skip(1);
        let matches = columns.next() == Some(&local) && columns.next() == Some(&remote);
        if !matches {
            return None;
        }
        columns.nth(4)?.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    async fn get(url: &str) -> String {
        let rest = url.strip_prefix("http://").unwrap();
        let (host, path) = rest.split_once('/').unwrap();
        let mut stream = TcpStream::connect(host).await.unwrap();
        let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn t13_the_link_is_given_out_once() {
        let reused = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&reused);
        let link = Secret::new("https://signin.aws.amazon.com/federation?SigninToken=t".to_owned());
        let url = serve(link, move || {
            counter.fetch_add(1, Ordering::SeqCst);
        })
        .await
        .unwrap();
        assert!(!url.contains("signin") && !url.contains("SigninToken"));

        let wrong =
            url.rsplit_once('/').unwrap().0.to_owned() + "/00000000000000000000000000000000";
        assert!(get(&wrong).await.starts_with("HTTP/1.1 404"));

        let first = get(&url).await;
        assert!(first.starts_with("HTTP/1.1 302"));
        assert!(
            first.contains("Location: https://signin.aws.amazon.com/federation?SigninToken=t\r\n")
        );
        assert!(
            first.contains("Cache-Control: no-store")
                && first.contains("Referrer-Policy: no-referrer")
        );

        let second = get(&url).await;
        assert!(second.starts_with("HTTP/1.1 410"));
        assert!(!second.contains("SigninToken"));
        assert_eq!(reused.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn t13_a_connection_that_says_nothing_holds_nobody_up() {
        let url = serve(Secret::new("https://example.com".to_owned()), || {})
            .await
            .unwrap();
        let host = url
            .strip_prefix("http://")
            .unwrap()
            .split('/')
            .next()
            .unwrap();
        let _silent = TcpStream::connect(host).await.unwrap();
        // The silent one would be waited for until the clock below has run out.
        tokio::time::pause();
        assert!(get(&url).await.starts_with("HTTP/1.1 302"));
    }

    #[test]
    fn t13_another_user_s_socket_is_told_apart() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   1: 0100007F:D431 0100007F:1F90 01 00000000:00000000 00:00000000 00000000 65534        0 1 1\n";
        let at = |port| SocketAddrV4::new(Ipv4Addr::LOCALHOST, port);
        #[cfg(target_endian = "little")]
        assert_eq!(socket_owner(table, at(0xD431), at(0x1F90)), Some(65_534));
        assert_eq!(socket_owner(table, at(1), at(0x1F90)), None);
        let mut link = Some(Secret::new("link".to_owned()));
        assert!(matches!(
            judge(Some("/x"), "/x", false, &mut link),
            Verdict::Forbidden
        ));
        assert!(link.is_some(), "a foreign user burnt the link");
    }
}
