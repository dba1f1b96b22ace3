//! What is refused, and why: forms, heads, claims, kinds, keys.

use aws_lc_rs::hmac;
use common::time::Timestamp;
use serde_json::{Value, json};

use super::*;

const NOW: Timestamp = Timestamp(1_795_343_230_000);
const SUB: UserId = UserId(Uuid::from_u128(1));

fn key(kid: u128, retired: bool) -> SigningKey {
    let (pkcs8, public) = new_key().unwrap();
    let public = public.try_into().unwrap();
    SigningKey { kid: Uuid::from_u128(kid), public, pkcs8: Some(pkcs8), retired }
}

fn again(key: &SigningKey, retired: bool) -> SigningKey {
    SigningKey { kid: key.kid, public: key.public, pkcs8: key.pkcs8.clone(), retired }
}

fn one() -> Keyring {
    Keyring::new(Ring::new([key(1, false)]))
}

fn access(k: &Keyring) -> String {
    k.issue(SUB, Uuid::from_u128(2), Role::Operator, 3, NOW).unwrap().0
}

fn automation(k: &Keyring, ends: Option<Timestamp>) -> String {
    k.issue_automation(SUB, TokenId(Uuid::from_u128(9)), TokenScope::Operate, NOW, ends).unwrap().0
}

/// A token signed with `key`, whatever it says.
fn signed(key: &SigningKey, head: &Value, claims: &Value) -> String {
    let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(key.pkcs8.as_ref().unwrap()).unwrap();
    let text = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(head.to_string()),
        URL_SAFE_NO_PAD.encode(claims.to_string())
    );
    let signature = pair.sign(text.as_bytes());
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
}

fn good_head(key: &SigningKey, typ: &str) -> Value {
    json!({"alg": "EdDSA", "typ": typ, "kid": key.kid})
}

fn good_access() -> Value {
    let iat = NOW.millis() / 1000;
    json!({"sub": SUB, "sid": Uuid::nil(), "role": "operator", "ver": 1, "aud": AUDIENCE, "iss": ISSUER,
           "iat": iat, "exp": iat + 60})
}

fn good_automation() -> Value {
    json!({"sub": SUB, "jti": Uuid::nil(), "scope": "operate", "aud": AUDIENCE, "iss": ISSUER,
           "iat": NOW.millis() / 1000})
}

fn with(v: &Value, name: &str, to: Value) -> Value {
    let mut v = v.clone();
    v[name] = to;
    v
}

#[test]
fn says_what_was_put_in_until_it_ends() {
    let k = one();
    let (token, ends) = k.issue(SUB, Uuid::from_u128(2), Role::Operator, 3, NOW).unwrap();
    let Presented::Access(claims) = k.read(&token, NOW).unwrap() else { panic!("another kind") };
    assert_eq!(
        (claims.sub, claims.sid, claims.role, claims.ver),
        (SUB, Uuid::from_u128(2), Role::Operator, 3)
    );
    assert_eq!(ends.since(NOW), ACCESS_MS);
    assert!(k.read(&token, ends.before(1000)).is_ok());
    assert_eq!(k.read(&token, ends), Err(TokenError::Refused));

    let token = automation(&k, Some(NOW.later(86_400_000)));
    let Presented::Automation(claims) = k.read(&token, NOW).unwrap() else { panic!("another kind") };
    assert_eq!((claims.jti, claims.scope), (TokenId(Uuid::from_u128(9)), TokenScope::Operate));
    assert!(k.read(&token, NOW.later(86_399_000)).is_ok());
    assert_eq!(k.read(&token, NOW.later(86_400_000)), Err(TokenError::Refused));
    assert!(k.read(&automation(&k, None), NOW.later(10 * 365 * 86_400_000)).is_ok(), "it has no end");
}

#[test]
fn one_key_signs_and_all_verify() {
    let (old, new) = (key(1, false), key(2, false));
    let before = Keyring::new(Ring::new([again(&old, false)]));
    let token = access(&before);
    assert_eq!(before.now().kid(), Some(old.kid));

    // Another server made the new key; this one does not know it yet.
    let after = Keyring::new(Ring::new([again(&new, false), again(&old, true)]));
    assert_eq!(after.now().kid(), Some(new.kid));
    assert!(after.read(&token, NOW).is_ok(), "the old one still verifies");
    let newer = access(&after);
    assert_eq!(before.read(&newer, NOW), Err(TokenError::UnknownKey(new.kid)));
    before.replace(Ring::new([again(&old, true), again(&new, false)]));
    assert!(before.read(&newer, NOW).is_ok());
    assert_eq!(before.now().kid(), Some(new.kid), "in whatever order they come");

    // Forgotten at last.
    after.replace(Ring::new([again(&new, false)]));
    assert_eq!(after.read(&token, NOW), Err(TokenError::UnknownKey(old.kid)));
}

#[test]
fn without_a_private_half_nothing_is_signed_and_everything_verified() {
    let good = key(1, false);
    let token = access(&Keyring::new(Ring::new([again(&good, false)])));
    let shut = Keyring::new(Ring::new([SigningKey { pkcs8: None, ..again(&good, false) }]));
    assert!(shut.read(&token, NOW).is_ok());
    assert_eq!(shut.issue(SUB, Uuid::nil(), Role::Viewer, 1, NOW), Err(TokenError::Key));
    let retired = Keyring::new(Ring::new([again(&good, true)]));
    assert_eq!(retired.issue(SUB, Uuid::nil(), Role::Viewer, 1, NOW), Err(TokenError::Key));
}

#[test]
fn a_key_of_another_with_our_name_does_not_verify() {
    let (ours, theirs) = (key(1, false), key(1, false));
    let k = Keyring::new(Ring::new([ours]));
    assert_eq!(k.read(&access(&Keyring::new(Ring::new([theirs]))), NOW), Err(TokenError::Refused));
}

#[test]
fn every_byte_counts() {
    let k = one();
    let token = access(&k);
    for i in 0..token.len() {
        let mut bad = token.clone().into_bytes();
        bad[i] = if bad[i] == b'A' { b'B' } else { b'A' };
        let bad = String::from_utf8(bad).unwrap();
        assert!(k.read(&bad, NOW).is_err(), "byte {i}");
        assert!(k.read(&token[..i], NOW).is_err(), "cut at {i}");
    }
    for bad in
        ["", ".", "..", "...", "a.b.c", &format!("{token}."), &format!("{token}.x"), &format!(" {token}")]
    {
        assert!(k.read(bad, NOW).is_err(), "{bad}");
    }
    assert!(k.read(&"a".repeat(TOKEN_MAX + 1), NOW).is_err());
}

#[test]
fn heads_that_are_not_ours_are_refused_though_the_signature_is_right() {
    let ours = key(1, false);
    let ring = Ring::new([again(&ours, false)]);
    let head = good_head(&ours, "at+jwt");
    let read = |head: &Value| ring.read(&signed(&ours, head, &good_access()), NOW);
    assert!(read(&head).is_ok(), "the test's own tokens are good");
    for alg in ["none", "None", "HS256", "RS256", "ES256", "EdDsa", "Ed25519", ""] {
        assert_eq!(read(&with(&head, "alg", json!(alg))), Err(TokenError::Refused), "{alg}");
    }
    for typ in ["JWT", "jwt", "application/at+jwt", "AT+JWT", "dpop+jwt", ""] {
        assert_eq!(read(&with(&head, "typ", json!(typ))), Err(TokenError::Refused), "{typ}");
    }
    for (name, value) in [
        ("jku", json!("https://evil.example/jwks.json")),
        ("jwk", json!({"kty": "OKP"})),
        ("x5u", json!("https://evil.example/cert")),
        ("x5c", json!(["MIIB"])),
        ("x5t", json!("a")),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("cty", json!("JWT")),
        ("other", json!(1)),
    ] {
        assert_eq!(read(&with(&head, name, value)), Err(TokenError::Refused), "{name}");
    }
    for bad in
        [json!(["EdDSA", "at+jwt", ours.kid]), json!({}), json!("EdDSA"), with(&head, "kid", json!("../k"))]
    {
        assert_eq!(read(&bad), Err(TokenError::Refused), "{bad}");
    }
    let other = Uuid::from_u128(77);
    assert_eq!(read(&with(&head, "kid", json!(other))), Err(TokenError::UnknownKey(other)));
    let twice = format!(r#"{{"alg":"none","alg":"EdDSA","typ":"at+jwt","kid":"{}"}}"#, ours.kid);
    let text = signed(&ours, &head, &good_access());
    let text = text.split_once('.').unwrap().1;
    let twice = format!("{}.{text}", URL_SAFE_NO_PAD.encode(twice));
    assert_eq!(ring.read(&twice, NOW), Err(TokenError::Refused));
}

#[test]
fn the_public_key_is_no_password() {
    // The classic: HMAC with the public key as its secret, which anybody can read.
    let ours = key(1, false);
    let ring = Ring::new([again(&ours, false)]);
    let head = with(&good_head(&ours, "at+jwt"), "alg", json!("HS256"));
    let text = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(head.to_string()),
        URL_SAFE_NO_PAD.encode(good_access().to_string())
    );
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &ours.public), text.as_bytes());
    let token = format!("{text}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref()));
    assert_eq!(ring.read(&token, NOW), Err(TokenError::Refused));
}

#[test]
fn claims_that_are_not_ours_are_refused_though_the_signature_is_right() {
    let ours = key(1, false);
    let ring = Ring::new([again(&ours, false)]);
    let seconds = NOW.millis() / 1000;
    for (typ, good) in [("at+jwt", good_access()), ("api+jwt", good_automation())] {
        let read = |claims: &Value| ring.read(&signed(&ours, &good_head(&ours, typ), claims), NOW);
        assert!(read(&good).is_ok());
        for (name, value) in [
            ("aud", json!("iqra-infra")),
            ("aud", json!(["other"])),
            ("aud", json!(null)),
            ("iss", json!("iqra")),
            ("iss", json!(null)),
            ("sub", json!("somebody")),
            ("exp", json!(seconds)),
            ("exp", json!(seconds - 1)),
            ("exp", json!("never")),
            ("iat", json!(seconds + LEEWAY_SECONDS + 1)),
            ("iat", json!("now")),
        ] {
            assert_eq!(
                read(&with(&good, name, value.clone())),
                Err(TokenError::Refused),
                "{typ} {name} {value}"
            );
        }
        for name in ["aud", "iss", "sub", "iat"] {
            let mut less = good.clone();
            less.as_object_mut().unwrap().remove(name);
            assert_eq!(read(&less), Err(TokenError::Refused), "{typ} without {name}");
        }
        assert!(
            read(&with(&good, "iat", json!(seconds + LEEWAY_SECONDS))).is_ok(),
            "clocks are a little apart"
        );
    }
    let endless = {
        let mut v = good_access();
        v.as_object_mut().unwrap().remove("exp");
        v
    };
    let endless = signed(&ours, &good_head(&ours, "at+jwt"), &endless);
    assert_eq!(ring.read(&endless, NOW), Err(TokenError::Refused), "access tokens always end");
}

#[test]
fn one_kind_is_never_taken_for_another() {
    let ours = key(1, false);
    let k = Keyring::new(Ring::new([again(&ours, false)]));
    let swap = |token: &str, typ: &str| {
        let (_, rest) = token.split_once('.').unwrap();
        format!("{}.{rest}", URL_SAFE_NO_PAD.encode(good_head(&ours, typ).to_string()))
    };
    // With another head, the signature is not right any more.
    assert_eq!(k.read(&swap(&access(&k), "api+jwt"), NOW), Err(TokenError::Refused));
    assert_eq!(k.read(&swap(&automation(&k, None), "at+jwt"), NOW), Err(TokenError::Refused));
    // And even signed, one says not what the other has to.
    let head = good_head(&ours, "api+jwt");
    assert_eq!(k.read(&signed(&ours, &head, &good_access()), NOW), Err(TokenError::Refused));
    let head = good_head(&ours, "at+jwt");
    assert_eq!(k.read(&signed(&ours, &head, &good_automation()), NOW), Err(TokenError::Refused));
}

#[test]
fn the_public_keys_as_others_read_them() {
    let keys = [key(1, true), key(2, false)];
    let jwks = Ring::new([again(&keys[0], true), again(&keys[1], false)]).jwks();
    let first = &jwks.keys[0];
    assert_eq!((first.kid.as_str(), jwks.keys.len()), (Uuid::from_u128(2).to_string().as_str(), 2));
    assert_eq!((first.kty.as_str(), first.crv.as_str(), first.alg.as_str()), ("OKP", "Ed25519", "EdDSA"));
    assert_eq!(URL_SAFE_NO_PAD.decode(&first.x).unwrap(), keys[1].public);
    let text = serde_json::to_value(&jwks).unwrap();
    assert_eq!(text["keys"][0]["use"], "sig");
    assert!(text["keys"][0].get("d").is_none(), "the private half stays here");
}

#[test]
fn nothing_that_is_fed_to_the_fuzz_target_is_believed() {
    let k = one();
    for token in [access(&k), automation(&k, None), String::new(), "a.b.c".into()] {
        fuzz_parse(token.as_bytes());
    }
    fuzz_parse(&[0xff, 0xfe]);
}
