//! R3: this computer's clock is wrong. Here it is the sandbox's that moves.

use chrono::TimeDelta;
use daypass_agent::ports::{AwsCause, Source, Sts};
use daypass_core::partition::Partition;

use crate::support::{
    ADA_DEVICE, Aws, READ_ONLY, both_with_code, granted, refused, role, user, whoami,
};

/// In seconds: more than AWS tolerates, and some hours.
const WRONG: [i64; 4] = [1_000, -1_000, 7_200, -7_200];

/// The SDK learns the difference from the refusal and signs again.
#[tokio::test]
async fn r3_a_call_without_a_code_gets_past_a_wrong_clock() {
    for seconds in WRONG {
        let aws = Aws::start();
        aws.advance(seconds);
        let sts = aws.sts();
        granted(whoami(&sts, user("bob")).await);
        let skewed = Some("SignatureDoesNotMatch".to_owned());
        assert_eq!(aws.calls("GetCallerIdentity"), [skewed, None]);

        let source = Source::Key(user("bob"), None);
        let assumed = granted(sts.assume_role(source, role(READ_ONLY, 3_600)).await);
        // The end is AWS's word, not this computer's idea of it.
        assert_eq!(
            assumed.credentials.expires_at,
            aws.now() + TimeDelta::hours(1)
        );
    }
}

/// The code does not get as far as being checked, let alone used up; AWS's refusal tells the time,
/// and the next request is dated rightly.
#[tokio::test]
async fn r3_a_wrong_clock_burns_no_code_and_is_corrected() {
    for seconds in WRONG {
        let aws = Aws::start();
        aws.advance(seconds);
        let (sts, mfa) = (aws.sts(), aws.code(ADA_DEVICE));
        let [first, second] = both_with_code(&sts, || mfa.clone()).await;
        let (cause, words) = refused(first.1);
        assert_eq!(cause, AwsCause::WrongTime, "{words}");
        assert!(words.contains("clock of this computer is off"), "{words}");
        assert_eq!(aws.calls(first.0).len(), 1);
        granted(second.1);
    }
}

/// Asking for the time first, no code is sent in vain.
#[tokio::test]
async fn r3_who_asks_for_the_time_first_is_taken_at_once() {
    for seconds in WRONG {
        let aws = Aws::start();
        aws.advance(seconds);
        let sts = aws.sts();
        granted(sts.ask_time(Partition::Aws).await);
        let mfa = aws.code(ADA_DEVICE);
        let [(op, first), _] = both_with_code(&sts, || mfa.clone()).await;
        granted(first);
        assert_eq!(aws.calls(op), [None]);
    }
}
