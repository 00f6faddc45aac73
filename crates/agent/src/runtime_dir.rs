//! The folder of socket and lock: this user's alone, and one agent in it (T1, T2).

use std::{
    io,
    os::{
        fd::OwnedFd,
        unix::{
            fs::{DirBuilderExt, FileTypeExt, PermissionsExt},
            net::UnixStream,
        },
    },
    path::Path,
};

use daypass_core::{
    paths::Paths,
    problem::{Code, Problem},
};
use rustix::{
    fs::{FlockOperation, Mode, OFlags, flock, fstat, open},
    io::Errno,
    process::geteuid,
};
use tokio::net::UnixListener;

/// The one agent of this user: as long as it lives, no other one starts.
#[derive(Debug)]
pub struct Place {
    /// The bound socket.
    pub listener: UnixListener,
    /// Held, not used: the kernel frees it with the process, however that ends.
    pub lock: OwnedFd,
}

/// Why this process can't be the agent.
#[derive(Debug)]
pub enum Refused {
    /// There is one already.
    AlreadyRunning,
    /// The folder or the socket is not as it should be.
    Problem(Problem),
}

/// Takes the place of this user's agent.
///
/// # Errors
/// When there is one already, or the folder is not safe to use.
pub fn take(paths: &Paths) -> Result<Place, Refused> {
    let folder = &paths.runtime_dir;
    private_dir(folder).map_err(|why| unsafe_folder(folder, &why))?;
    let lock = lock(&paths.lock()).map_err(|why| unsafe_folder(folder, &why.to_string()))?;
    let lock = lock.ok_or(Refused::AlreadyRunning)?;
    let socket = paths.socket();
    clear_stale(&socket)?;
    let listener =
        UnixListener::bind(&socket).map_err(|why| unsafe_folder(folder, &why.to_string()))?;
    // The folder already keeps others out; this is for the day somebody opens it up.
    std::fs::set_permissions(&socket, std::fs::Permissions::from_mode(0o600))
        .map_err(|why| unsafe_folder(folder, &why.to_string()))?;
    Ok(Place { listener, lock })
}

/// Makes the folder, or checks that the one that is there is this user's alone; from then on nobody
/// else can replace what is in it.
fn private_dir(path: &Path) -> Result<(), String> {
    let made = std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path);
    made.map_err(|why| why.to_string())?;
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let folder = open(path, flags, Mode::empty()).map_err(|why| match why {
        Errno::LOOP | Errno::NOTDIR => "it is not a folder but leads elsewhere".to_owned(),
        why => why.to_string(),
    })?;
    let stat = fstat(&folder).map_err(|why| why.to_string())?;
    if stat.st_uid != geteuid().as_raw() {
        return Err("it belongs to another user".to_owned());
    }
    if stat.st_mode & 0o077 != 0 {
        return Err("other users may enter it".to_owned());
    }
    Ok(())
}

fn lock(path: &Path) -> Result<Option<OwnedFd>, Errno> {
    let flags = OFlags::CREATE | OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = open(path, flags, Mode::RUSR | Mode::WUSR)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(file)),
        Err(Errno::WOULDBLOCK) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Removes the socket of an agent that crashed. Anything else in its place is left alone.
fn clear_stale(socket: &Path) -> Result<(), Refused> {
    let foreign = |why: &str| {
        Refused::Problem(Problem::yours(
            Code::Failed,
            format!("{} {why}.", socket.display()),
            "Move it away, then start Daypass again.",
        ))
    };
    match std::fs::symlink_metadata(socket) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(foreign(&format!("cannot be read: {error}"))),
        Ok(metadata) if !metadata.file_type().is_socket() => {
            return Err(foreign("is not a socket"));
        }
        Ok(_) => {}
    }
    match UnixStream::connect(socket) {
        Ok(_) => Err(Refused::AlreadyRunning),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            std::fs::remove_file(socket)
                .map_err(|error| foreign(&format!("cannot be removed: {error}")))
        }
        Err(error) => Err(foreign(&format!("cannot be reached: {error}"))),
    }
}

fn unsafe_folder(folder: &Path, why: &str) -> Refused {
    Refused::Problem(Problem::yours(
        Code::Failed,
        format!("The folder {} cannot be used: {why}.", folder.display()),
        "Make it yours with mode 0700 (or move it away), then start Daypass again.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(folder: &Path) -> Paths {
        Paths {
            config_file: folder.join("config.toml"),
            state_dir: folder.join("state"),
            runtime_dir: folder.join("run"),
        }
    }

    fn problem(refused: Result<Place, Refused>) -> String {
        match refused {
            Err(Refused::Problem(problem)) => problem.to_string(),
            Err(Refused::AlreadyRunning) => "already running".to_owned(),
            Ok(_) => "taken".to_owned(),
        }
    }

    /// T2: stale and live sockets, and everything that can stand in their place.
    #[tokio::test]
    async fn t2_one_agent_and_no_squatter() {
        let folder = tempfile::tempdir().unwrap();
        let paths = paths(folder.path());
        let first = take(&paths).unwrap();
        assert_eq!(problem(take(&paths)), "already running");
        drop(first);

        // The listener is gone, its socket file is left: as after a crash.
        assert!(paths.socket().exists());
        drop(take(&paths).unwrap());

        // A live socket of a process that holds no lock.
        std::fs::remove_file(paths.socket()).unwrap();
        let squatter = std::os::unix::net::UnixListener::bind(paths.socket()).unwrap();
        assert_eq!(problem(take(&paths)), "already running");
        drop(squatter);
        std::fs::remove_file(paths.socket()).unwrap();

        std::fs::File::create(paths.socket()).unwrap();
        assert!(problem(take(&paths)).contains("is not a socket"));
        std::fs::remove_file(paths.socket()).unwrap();
        std::os::unix::fs::symlink("/tmp", paths.socket()).unwrap();
        assert!(problem(take(&paths)).contains("is not a socket"));
    }

    #[tokio::test]
    async fn t1_t2_a_folder_that_others_reach_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let paths = paths(folder.path());
        std::fs::create_dir(&paths.runtime_dir).unwrap();
        std::fs::set_permissions(&paths.runtime_dir, std::fs::Permissions::from_mode(0o755))
            .unwrap();
        assert!(problem(take(&paths)).contains("other users may enter it"));

        std::fs::remove_dir(&paths.runtime_dir).unwrap();
        std::os::unix::fs::symlink(folder.path(), &paths.runtime_dir).unwrap();
        assert!(problem(take(&paths)).contains("leads elsewhere"));
    }

    #[tokio::test]
    async fn t1_the_socket_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let paths = paths(folder.path());
        let _place = take(&paths).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&paths.socket()), 0o600);
        assert_eq!(mode(&paths.runtime_dir), 0o700);
    }
}
