//! AWS answers, but not now.

use std::time::Duration;

use daypass_agent::ports::{AwsCause, Source, Sts};
use serde_json::json;

use crate::support::{
    ADA_DEVICE, Aws, READ_ONLY, both_with_code, granted, refused, role, user, whoami,
};

const KINDS: [&str; 3] = ["throttling", "internal", "unavailable"];

/// P4: the SDK's own retries would send a code again that AWS may have accepted.
#[tokio::test]
async fn p4_a_code_is_sent_once_however_busy_aws_is() {
    for kind in KINDS {
        let aws = Aws::start();
        aws.fail("*", kind, 9);
        let mfa = aws.code(ADA_DEVICE);
        for (op, result) in both_with_code(&aws.sts(), || mfa.clone()).await {
            let (cause, words) = refused(result);
            // Throttling comes before the code is looked at; a fault may come after.
            let expected = match kind {
                "throttling" => AwsCause::Throttled,
                _ => AwsCause::AnswerLost,
            };
            assert_eq!(cause, expected, "{op}, {kind}: {words}");
            assert!(words.contains("busy"), "{words}");
            assert_eq!(aws.calls(op).len(), 1, "{op}, {kind}");
        }
    }
}

/// R4: without a code two failures in a row pass unseen.
#[tokio::test]
async fn r4_a_call_without_a_code_is_tried_three_times() {
    let aws = Aws::start();
    aws.fail("GetCallerIdentity", "throttling", 1);
    aws.fail("GetCallerIdentity", "unavailable", 1);
    granted(whoami(&aws.sts(), user("bob")).await);
    assert_eq!(
        aws.calls("GetCallerIdentity"),
        [
            Some("Throttling".to_owned()),
            Some("ServiceUnavailable".to_owned()),
            None
        ]
    );
}

/// R4: AWS's wish to be left alone reaches the schedule.
#[tokio::test]
async fn r4_how_long_aws_wants_to_be_left_alone_is_passed_on() {
    let aws = Aws::start();
    let fault = json!([{
        "op": "GetSessionToken", "kind": "throttling", "times": 1, "retry_after_ms": 90_000
    }]);
    aws.post("faults", &fault);
    let mfa = aws.code(ADA_DEVICE);
    let [(_, session), _] = both_with_code(&aws.sts(), || mfa.clone()).await;
    let error = session.err().unwrap();
    assert_eq!(error.cause, AwsCause::Throttled);
    assert_eq!(error.retry_after, Some(std::time::Duration::from_secs(90)));
}

#[tokio::test]
async fn r4_three_failures_are_passed_on_as_passing() {
    let aws = Aws::start();
    aws.fail("AssumeRole", "internal", 9);
    let source = Source::Key(user("bob"), None);
    let result = aws.sts().assume_role(source, role(READ_ONLY, 3_600)).await;
    let (cause, words) = refused(result);
    assert_eq!(cause, AwsCause::Passing);
    assert!(words.contains("busy"), "{words}");
    assert_eq!(aws.calls("AssumeRole").len(), 3);
}

/// R4: what AWS wants is waited for where that is short, without anybody noticing; a longer wait is
/// the caller's to plan.
#[tokio::test]
async fn r4_awss_wish_to_be_left_alone_is_heard() {
    for (hint, calls) in [(1, 3), (60_000, 1)] {
        let aws = Aws::start();
        let fault =
            json!([{ "op": "*", "kind": "throttling", "times": 9, "retry_after_ms": hint }]);
        aws.post("faults", &fault);
        let error = whoami(&aws.sts(), user("bob")).await.unwrap_err();
        assert_eq!(error.retry_after, Some(Duration::from_millis(hint)));
        assert_eq!(refused::<()>(Err(error)).0, AwsCause::Throttled);
        assert_eq!(aws.calls("GetCallerIdentity").len(), calls);
    }
}

/// R4, P4: a code is not sent again, however soon AWS would look at it.
#[tokio::test]
async fn r4_p4_a_throttled_code_is_sent_once_and_the_hint_passed_on() {
    for hint in [None, Some(1), Some(60_000)] {
        let aws = Aws::start();
        let mut fault = json!({ "op": "*", "kind": "throttling", "times": 9 });
        if let Some(hint) = hint {
            fault["retry_after_ms"] = hint.into();
        }
        aws.post("faults", &json!([fault]));
        let mfa = aws.code(ADA_DEVICE);
        for (op, result) in both_with_code(&aws.sts(), || mfa.clone()).await {
            let error = result.unwrap_err();
            assert_eq!(error.retry_after, hint.map(Duration::from_millis));
            assert_eq!(refused::<()>(Err(error)).0, AwsCause::Throttled);
            assert_eq!(aws.calls(op).len(), 1);
        }
    }
}

/// R4: three times in a row AWS is too busy, with no word on when it will not be.
#[tokio::test]
async fn r4_throttling_without_a_hint_is_tried_three_times() {
    let aws = Aws::start();
    aws.fail("AssumeRole", "throttling", 9);
    let source = Source::Key(user("bob"), None);
    let result = aws.sts().assume_role(source, role(READ_ONLY, 3_600)).await;
    let error = result.err().unwrap();
    assert_eq!(error.retry_after, None);
    assert_eq!(refused::<()>(Err(error)).0, AwsCause::Throttled);
    assert_eq!(aws.calls("AssumeRole").len(), 3);
}

/// R5: the SDK fills in what a cut answer lacks, an end in 1970 among it.
#[tokio::test]
async fn r5_half_an_answer_is_no_session() {
    let aws = Aws::start();
    aws.fail("AssumeRole", "truncated", 9);
    let source = Source::Key(user("bob"), None);
    let result = aws.sts().assume_role(source, role(READ_ONLY, 3_600)).await;
    let (cause, words) = refused(result);
    assert_eq!(cause, AwsCause::Passing);
    assert!(words.contains("incomplete"), "{words}");
}

/// P4: nor does it say whether AWS took the code.
#[tokio::test]
async fn p4_half_an_answer_to_a_code_is_a_lost_answer_even_if_it_looks_whole() {
    let aws = Aws::start();
    aws.fail("*", "truncated", 9);
    let mfa = aws.code(ADA_DEVICE);
    let [(op, result), _] = both_with_code(&aws.sts(), || mfa.clone()).await;
    assert_eq!(refused(result).0, AwsCause::AnswerLost, "{op}");
    assert_eq!(aws.calls(op).len(), 1);
}
