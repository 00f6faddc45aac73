//! Codes that AWS does not take.

use daypass_agent::ports::{AwsCause, Source, Sts};

use crate::support::{
    ADA_DEVICE, ADMIN, Aws, STEP, both_with_code, get_session_token, granted, refused, role, user,
};

#[tokio::test]
async fn a_wrong_code_is_told_from_every_other_refusal() {
    let aws = Aws::start();
    let mfa = aws.wrong_code(ADA_DEVICE);
    for (op, result) in both_with_code(&aws.sts(), || mfa.clone()).await {
        let (cause, words) = refused(result);
        assert_eq!(cause, AwsCause::WrongCode, "{op}: {words}");
        assert!(words.contains("the next if that was it"), "{words}");
        assert!(!words.contains(mfa.code.expose()), "{words}");
        assert_eq!(aws.calls(op).len(), 1);
    }
}

/// R8: a code works once, whichever call it came with.
#[tokio::test]
async fn r8_a_used_code_is_a_wrong_code() {
    let aws = Aws::start();
    let mfa = aws.code(ADA_DEVICE);
    granted(get_session_token(&aws.sts(), user("ada"), mfa.clone(), 3_600).await);
    for (op, result) in both_with_code(&aws.sts(), || mfa.clone()).await {
        let (cause, words) = refused(result);
        assert_eq!(cause, AwsCause::WrongCode, "{op}: {words}");
    }
    aws.advance(STEP);
    let source = Source::Key(user("ada"), Some(aws.code(ADA_DEVICE)));
    granted(aws.sts().assume_role(source, role(ADMIN, 3_600)).await);
    let journal = aws.journal();
    let steps: Vec<_> = journal.iter().map(|entry| &entry["step"]).collect();
    assert_eq!(steps[..3], [steps[0]; 3]);
    assert_ne!(steps[3], steps[0]);
}
