//! The file's own thread: one reader and writer, in the order of the calls, and none of it on the
//! loop or its runtime.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
};

use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use daypass_shared_files::file;

use super::{Kept, seal};
use crate::{config_file::replace_file, seal::SealingKey};

/// The longest file that is read: some ten thousand sessions.
const MAX_LEN: u64 = 64 * 1024 * 1024;
/// How many damaged files are put aside before the last one is replaced.
const MAX_ASIDE: usize = 3;

type Job = Box<dyn FnOnce(&Path) + Send>;

/// The handle to the file. Calls begin at once, in their order, whether or not anybody waits for
/// their answers.
#[derive(Clone)]
pub struct SessionFile {
    jobs: mpsc::Sender<Job>,
}

impl SessionFile {
    /// Starts the thread. It ends with the last handle; one that hangs ends with the process.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(path: PathBuf) -> io::Result<Self> {
        let (jobs, queue) = mpsc::channel::<Job>();
        thread::Builder::new()
            .name("sessions".to_owned())
            .spawn(move || {
                for job in queue {
                    job(&path);
                }
            })?;
        Ok(Self { jobs })
    }

    /// The file's bytes, or nothing where there is none.
    pub fn read(&self) -> BoxFuture<'static, io::Result<Option<Vec<u8>>>> {
        self.call(read)
    }

    /// Replaces the file.
    pub fn write(&self, kept: Kept, key: SealingKey) -> BoxFuture<'static, io::Result<()>> {
        self.call(move |path| {
            let bytes = seal(&kept, &key)
                .map_err(|_| io::Error::other("the system gives no random numbers"))?;
            replace_file(path, &bytes)
        })
    }

    /// Deletes the file. None there is fine.
    pub fn delete(&self) -> BoxFuture<'static, io::Result<()>> {
        self.call(delete)
    }

    /// Deletes it and the damaged ones that were put aside.
    pub fn delete_all(&self) -> BoxFuture<'static, io::Result<()>> {
        self.call(|path| {
            let others: Vec<_> = (1..=MAX_ASIDE).map(|n| delete(&aside(path, n))).collect();
            file::remove(path).map_err(|problem| io::Error::other(problem.what))?;
            others.into_iter().collect()
        })
    }

    /// Puts a damaged file aside, and yields where it is now.
    pub fn put_aside(&self) -> BoxFuture<'static, io::Result<PathBuf>> {
        self.call(put_aside)
    }

    fn call<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
    ) -> BoxFuture<'static, io::Result<T>> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |path| {
            let _ = answer.send(call(path));
        });
        let sent = self.jobs.send(job);
        Box::pin(async move {
            sent.map_err(|_| io::ErrorKind::BrokenPipe)?;
            answered.await.map_err(|_| io::ErrorKind::BrokenPipe)?
        })
    }
}

fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    // A pipe would never end, and what is too long or no file is none of ours.
    if !metadata.is_file() || metadata.len() > MAX_LEN {
        return Ok(Some(Vec::new()));
    }
    fs::read(path).map(Some)
}

fn delete(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn put_aside(path: &Path) -> io::Result<PathBuf> {
    let free = (1..MAX_ASIDE)
        .map(|n| aside(path, n))
        .find(|place| !place.exists());
    let place = free.unwrap_or_else(|| aside(path, MAX_ASIDE));
    fs::rename(path, &place)?;
    Ok(place)
}

fn aside(path: &Path, n: usize) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".corrupt-{n}"));
    name.into()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[tokio::test]
    async fn r17_t12_a_file_is_private_and_what_is_no_file_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/sessions.sealed");
        let file = SessionFile::start(path.clone()).unwrap();
        assert_eq!(file.read().await.unwrap(), None);
        let key = SealingKey::generate().unwrap();
        file.write(Kept::default(), key).await.unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        file.delete().await.unwrap();
        file.delete().await.unwrap();
        fs::create_dir(&path).unwrap();
        assert_eq!(file.read().await.unwrap(), Some(Vec::new()));
    }

    #[tokio::test]
    async fn r17_damaged_files_are_put_aside_and_stay_few() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sessions.sealed");
        let file = SessionFile::start(path.clone()).unwrap();
        for _ in 0..5 {
            fs::write(&path, "damaged").unwrap();
            let place = file.put_aside().await.unwrap();
            assert!(place.exists() && !path.exists());
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), MAX_ASIDE);
        // As somebody leaves it who is killed in the middle of a save.
        let unfinished = folder.path().join(".daypass.new");
        fs::write(&unfinished, "sealed").unwrap();
        file.delete_all().await.unwrap();
        let left = fs::read_dir(folder.path()).unwrap();
        let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, [".daypass.lock"]);
    }
}
