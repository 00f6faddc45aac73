//! The vault's own thread. A locked keychain with nobody at its prompt never answers, so callers
//! wait for a bounded time, and the call that hangs holds up nothing else (R9).

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use daypass_core::name::Name;
use daypass_shared_files::import::ForeignKey;
use tokio::{sync::oneshot, time::timeout};

use crate::{
    ports::{Vault, VaultError, VaultItem},
    seal::SealingKey,
};

/// How long a caller waits for the vault.
#[derive(Debug, Clone, Copy)]
pub enum Patience {
    /// For a call that should take milliseconds.
    Short,
    /// For a call that may raise the keychain's own prompt while a person looks at it.
    Prompt,
}

impl Patience {
    const fn limit(self) -> Duration {
        match self {
            Self::Short => Duration::from_secs(5),
            Self::Prompt => Duration::from_secs(120),
        }
    }
}

type Job = Box<dyn FnOnce(&dyn Vault) + Send>;

/// The handle to the vault's thread.
#[derive(Clone)]
pub struct VaultThread {
    jobs: mpsc::Sender<Job>,
}

impl VaultThread {
    /// Starts the thread. It ends with the last handle; one that hangs ends with the process.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(vault: Box<dyn Vault>) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel::<Job>();
        thread::Builder::new()
            .name("vault".to_owned())
            .spawn(move || {
                for job in queue {
                    job(&*vault);
                }
            })?;
        Ok(Self { jobs })
    }

    /// Reads an identity's key.
    ///
    /// # Errors
    /// See [`VaultError`]; [`VaultError::Locked`] also when the patience ends.
    pub async fn read(
        &self,
        identity: Name,
        patience: Patience,
    ) -> Result<Option<VaultItem>, VaultError> {
        self.call(patience, move |vault| vault.read(&identity))
            .await
    }

    /// Stores an identity's key.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn write(&self, identity: Name, item: VaultItem) -> Result<(), VaultError> {
        self.call(Patience::Prompt, move |vault| vault.write(&identity, &item))
            .await
    }

    /// Forgets an identity's key.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn delete(&self, identity: Name) -> Result<(), VaultError> {
        self.call(Patience::Prompt, move |vault| vault.delete(&identity))
            .await
    }

    /// Keys that other programs keep in the same place.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn foreign_keys(&self) -> Result<Vec<ForeignKey>, VaultError> {
        self.call(Patience::Prompt, |vault| vault.foreign_keys())
            .await
    }

    /// The key that sessions on disk are sealed with; made and stored when there is none yet.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn data_key(&self) -> Result<SealingKey, VaultError> {
        self.call(Patience::Short, |vault| vault.data_key()).await
    }

    async fn call<T: Send + 'static>(
        &self,
        patience: Patience,
        call: impl FnOnce(&dyn Vault) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let (answer, answered) = oneshot::channel();
        let abandoned = Arc::new(AtomicBool::new(false));
        let given_up = Arc::clone(&abandoned);
        let job: Job = Box::new(move |vault| {
            // Whoever asked was told that it did not happen, so it must not happen later.
            if given_up.load(Ordering::Acquire) {
                return;
            }
            let _ = answer.send(call(vault));
        });
        self.jobs.send(job).map_err(|_| VaultError::Missing)?;
        match timeout(patience.limit(), answered).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(VaultError::Failed("its answer was lost".to_owned())),
            Err(_) => {
                abandoned.store(true, Ordering::Release);
                Err(VaultError::Locked)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Condvar, Mutex};

    use super::*;

    /// A keychain whose prompt nobody answers until the gate opens.
    struct Stuck {
        gate: Arc<(Mutex<bool>, Condvar)>,
        calls: Arc<Mutex<Vec<&'static str>>>,
    }

    impl Vault for Stuck {
        fn read(&self, _: &Name) -> Result<Option<VaultItem>, VaultError> {
            self.calls.lock().unwrap().push("read");
            let (open, opened) = &*self.gate;
            drop(
                opened
                    .wait_while(open.lock().unwrap(), |open| !*open)
                    .unwrap(),
            );
            Ok(None)
        }

        fn write(&self, _: &Name, _: &VaultItem) -> Result<(), VaultError> {
            unreachable!("the test only reads and deletes")
        }

        fn delete(&self, _: &Name) -> Result<(), VaultError> {
            self.calls.lock().unwrap().push("delete");
            Ok(())
        }

        fn foreign_keys(&self) -> Result<Vec<ForeignKey>, VaultError> {
            unreachable!("the test only reads and deletes")
        }

        fn data_key(&self) -> Result<SealingKey, VaultError> {
            unreachable!("the test only reads and deletes")
        }
    }

    #[tokio::test(start_paused = true)]
    async fn r9_a_prompt_that_nobody_answers_costs_five_seconds_and_nothing_happens_later() {
        let gate = Arc::new((Mutex::new(false), Condvar::new()));
        let calls = Arc::new(Mutex::new(Vec::new()));
        let vault = VaultThread::start(Box::new(Stuck {
            gate: Arc::clone(&gate),
            calls: Arc::clone(&calls),
        }))
        .unwrap();
        let work = Name::parse("work").unwrap();

        let read = vault.read(work.clone(), Patience::Short).await.map(|_| ());
        assert_eq!(read, Err(VaultError::Locked));
        assert_eq!(vault.delete(work.clone()).await, Err(VaultError::Locked));

        *gate.0.lock().unwrap() = true;
        gate.1.notify_all();
        tokio::time::resume();
        assert!(vault.read(work, Patience::Short).await.unwrap().is_none());
        assert!(
            !calls.lock().unwrap().contains(&"delete"),
            "an abandoned delete ran"
        );
    }
}
