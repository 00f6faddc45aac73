//! R3: this computer's clock is wrong. Here it is the sandbox's that moves.

use chrono::TimeDelta;
use daypass_agent::ports::{AwsCause, Source, Sts};

use crate::support::{
    ADA_DEVICE, Aws, READ_ONLY, both_with_code, granted, refused, role, user, whoami,
};

const HOUR: i64 = 3_600;

/// The SDK learns the difference from the refusal and signs again.
#[tokio::test]
async fn r3_a_call_without_a_code_gets_past_a_wrong_clock() {
    for seconds in [HOUR, -HOUR] {
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

/// The code does not get as far as being checked, let alone used up.
#[tokio::test]
async fn r3_a_wrong_clock_burns_no_code_and_is_named() {
    for seconds in [HOUR, -HOUR] {
        let aws = Aws::start();
        aws.advance(seconds);
        let mfa = aws.code(ADA_DEVICE);
        for (op, result) in both_with_code(&aws.sts(), || mfa.clone()).await {
            let (cause, words) = refused(result);
            assert_eq!(cause, AwsCause::Refused, "{op}: {words}");
            assert!(words.contains("clock of this computer is off"), "{words}");
            assert_eq!(aws.calls(op).len(), 1, "{op}");
        }
        assert!(aws.journal().iter().all(|entry| entry["step"].is_null()));
    }
}
