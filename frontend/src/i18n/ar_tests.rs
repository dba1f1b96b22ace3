//! Arabic sentences with figures in them.

use super::*;

#[test]
fn counts_agree_with_their_words() {
    assert_eq!(
        [1_usize, 2, 3, 11, 100].map(|n| (AR.dash_problems)(n)),
        [
            "مشكلة واحدة تتطلب الانتباه",
            "مشكلتان تتطلبان الانتباه",
            "3 مشكلات تتطلب الانتباه",
            "11 مشكلة تتطلب الانتباه",
            "100 مشكلة تتطلب الانتباه",
        ]
    );
    assert_eq!((AR.problem_none_online)(NodeKind::Proxy, Some("US-EAST")), "لا بوابة متصلة في US-EAST");
    assert_eq!((AR.login_locked)(272), "محاولات كثيرة. حاول مجددًا بعد 4:32.");
    assert_eq!((AR.document_title)(2, "العُقد"), "(2) العُقد · البنية التحتية");
}

/// String literals of a source, without its comments.
fn literals(source: &str) -> Vec<String> {
    let code: String =
        source.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    code.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Two Latin words side by side, and not one Arabic letter.
fn is_english(text: &str) -> bool {
    let arabic = text.chars().any(|c| ('\u{600}'..='\u{6ff}').contains(&c));
    let words: Vec<&str> = text.split(' ').collect();
    let word = |w: &&str| w.len() > 1 && w.chars().all(|c| c.is_ascii_alphabetic() || ".,:;!?".contains(c));
    !arabic && words.windows(2).any(|pair| pair.iter().all(word))
}

#[test]
fn every_area_is_arabic() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/i18n");
    let mut sources = vec![folder.join("ar.rs"), folder.join("ar_help.rs"), folder.join("ar_pages.rs")];
    let areas = |name: &str| -> Vec<String> {
        let files = std::fs::read_dir(folder.join(name)).unwrap();
        let mut names: Vec<String> =
            files.map(|f| f.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    };
    for area in areas("en_pages") {
        assert!(areas("ar_pages").contains(&area), "ar_pages/{area} is missing");
    }
    sources.extend(areas("ar_pages").iter().map(|area| folder.join("ar_pages").join(area)));
    for path in sources {
        let source = std::fs::read_to_string(&path).unwrap();
        let borrowed = source.lines().find(|line| {
            let constant = line.rsplit("::").next().unwrap_or_default().trim_end_matches([',', ';']);
            line.contains("en_pages::")
                && constant.len() > 2
                && constant.chars().all(|c| c.is_ascii_uppercase() || c == '_')
        });
        assert_eq!(borrowed, None, "{}: an English area", path.display());
        let english: Vec<String> = literals(&source).into_iter().filter(|text| is_english(text)).collect();
        assert!(english.is_empty(), "{}: {english:?}", path.display());
    }
    assert!(
        is_english("Type to search")
            && !is_english("Ctrl+C")
            && !is_english("{n} ms")
            && !is_english("قبل {age}")
    );
}
