//! The countries of ISO 3166-1: what a region is placed in, and what the first half of its id means.
//!
//! A static table and three pure functions, nothing else: this ends up in the browser. The console shows
//! names through the browser's own `Intl`, in the user's language; the English name here is what is
//! searched and what is shown where `Intl` does not know a code. Every country has a flag in
//! `frontend/assets/flags`, named after `code`.

/// One country or territory of ISO 3166-1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country {
    /// The alpha-2 code, upper case: `OM`.
    pub code: &'static str,
    /// The alpha-3 code, upper case: `OMN`.
    pub alpha3: &'static str,
    /// The English short name: `Oman`.
    pub name: &'static str,
}

/// How well a country answers a query; the order of the variants is the order of the results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Match {
    /// The query is the alpha-2 or alpha-3 code.
    Code,
    /// The name begins with the query.
    Name,
    /// A later word of the name begins with the query: `emir` in United Arab Emirates.
    Word,
    /// A code begins with the query, nothing better.
    CodePrefix,
}

/// All countries, sorted by alpha-2 code.
#[must_use]
pub const fn all() -> &'static [Country] {
    COUNTRIES
}

/// The country with this alpha-2 code, in either case; `None` where ISO 3166-1 has no such code.
#[must_use]
pub fn find(code: &str) -> Option<&'static Country> {
    COUNTRIES.iter().find(|country| country.code.eq_ignore_ascii_case(code))
}

/// The countries that answer a query, best first: an exact code, then names that begin with the query, then
/// names in which a later word does, then codes that begin with it. Case, accents and hyphens do not count,
/// so `turkiye`, `cote d'iv` and `guinea bissau` find theirs. An empty query yields every country.
pub fn search(query: &str) -> impl Iterator<Item = &'static Country> + use<> {
    let query: String = query.trim().chars().map(fold).collect();
    [Match::Code, Match::Name, Match::Word, Match::CodePrefix].into_iter().flat_map(move |wanted| {
        let query = query.clone();
        COUNTRIES.iter().filter(move |country| rank(country, &query) == Some(wanted))
    })
}

/// The best way in which a country answers a folded query.
fn rank(country: &Country, query: &str) -> Option<Match> {
    let codes = [country.code, country.alpha3];
    if codes.iter().any(|code| code.eq_ignore_ascii_case(query)) {
        Some(Match::Code)
    } else if begins_with(country.name, query) {
        Some(Match::Name)
    } else if word_starts(country.name).any(|rest| begins_with(rest, query)) {
        Some(Match::Word)
    } else if codes.iter().any(|code| begins_with(code, query)) {
        Some(Match::CodePrefix)
    } else {
        None
    }
}

/// Whether `text`, folded, begins with the already folded `query`.
fn begins_with(text: &str, query: &str) -> bool {
    let mut text = text.chars().map(fold);
    query.chars().all(|wanted| text.next() == Some(wanted))
}

/// The rest of the name from each word on; the first word is the whole name.
fn word_starts(name: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    name.char_indices().filter_map(move |(at, letter)| {
        let starts = letter.is_alphabetic() && !inside;
        inside = letter.is_alphabetic();
        if starts { name.get(at..) } else { None }
    })
}

/// Lower case without the accents that occur in the table, so that people can type what their keyboard has.
fn fold(letter: char) -> char {
    match letter.to_lowercase().next().unwrap_or(letter) {
        'å' | 'ã' => 'a',
        'ç' => 'c',
        'é' => 'e',
        'í' => 'i',
        'ô' => 'o',
        'ü' => 'u',
        '’' => '\'',
        '-' => ' ',
        other => other,
    }
}

const fn country(code: &'static str, alpha3: &'static str, name: &'static str) -> Country {
    Country { code, alpha3, name }
}

/// Sorted by code; one line per country keeps a change to it readable.
static COUNTRIES: &[Country] = &[
    country("AD", "AND", "Andorra"),
    country("AE", "ARE", "United Arab Emirates"),
    country("AF", "AFG", "Afghanistan"),
    country("AG", "ATG", "Antigua and Barbuda"),
    country("AI", "AIA", "Anguilla"),
    country("AL", "ALB", "Albania"),
    country("AM", "ARM", "Armenia"),
    country("AO", "AGO", "Angola"),
    country("AQ", "ATA", "Antarctica"),
    country("AR", "ARG", "Argentina"),
    country("AS", "ASM", "American Samoa"),
    country("AT", "AUT", "Austria"),
    country("AU", "AUS", "Australia"),
    country("AW", "ABW", "Aruba"),
    country("AX", "ALA", "Åland Islands"),
    country("AZ", "AZE", "Azerbaijan"),
    country("BA", "BIH", "Bosnia and Herzegovina"),
    country("BB", "BRB", "Barbados"),
    country("BD", "BGD", "Bangladesh"),
    country("BE", "BEL", "Belgium"),
    country("BF", "BFA", "Burkina Faso"),
    country("BG", "BGR", "Bulgaria"),
    country("BH", "BHR", "Bahrain"),
    country("BI", "BDI", "Burundi"),
    country("BJ", "BEN", "Benin"),
    country("BL", "BLM", "Saint Barthélemy"),
    country("BM", "BMU", "Bermuda"),
    country("BN", "BRN", "Brunei"),
    country("BO", "BOL", "Bolivia"),
    country("BQ", "BES", "Bonaire, Sint Eustatius and Saba"),
    country("BR", "BRA", "Brazil"),
    country("BS", "BHS", "Bahamas"),
    country("BT", "BTN", "Bhutan"),
    country("BV", "BVT", "Bouvet Island"),
    country("BW", "BWA", "Botswana"),
    country("BY", "BLR", "Belarus"),
    country("BZ", "BLZ", "Belize"),
    country("CA", "CAN", "Canada"),
    country("CC", "CCK", "Cocos (Keeling) Islands"),
    country("CD", "COD", "Congo (Democratic Republic)"),
    country("CF", "CAF", "Central African Republic"),
    country("CG", "COG", "Congo (Republic)"),
    country("CH", "CHE", "Switzerland"),
    country("CI", "CIV", "Côte d'Ivoire"),
    country("CK", "COK", "Cook Islands"),
    country("CL", "CHL", "Chile"),
    country("CM", "CMR", "Cameroon"),
    country("CN", "CHN", "China"),
    country("CO", "COL", "Colombia"),
    country("CR", "CRI", "Costa Rica"),
    country("CU", "CUB", "Cuba"),
    country("CV", "CPV", "Cape Verde"),
    country("CW", "CUW", "Curaçao"),
    country("CX", "CXR", "Christmas Island"),
    country("CY", "CYP", "Cyprus"),
    country("CZ", "CZE", "Czechia"),
    country("DE", "DEU", "Germany"),
    country("DJ", "DJI", "Djibouti"),
    country("DK", "DNK", "Denmark"),
    country("DM", "DMA", "Dominica"),
    country("DO", "DOM", "Dominican Republic"),
    country("DZ", "DZA", "Algeria"),
    country("EC", "ECU", "Ecuador"),
    country("EE", "EST", "Estonia"),
    country("EG", "EGY", "Egypt"),
    country("EH", "ESH", "Western Sahara"),
    country("ER", "ERI", "Eritrea"),
    country("ES", "ESP", "Spain"),
    country("ET", "ETH", "Ethiopia"),
    country("FI", "FIN", "Finland"),
    country("FJ", "FJI", "Fiji"),
    country("FK", "FLK", "Falkland Islands"),
    country("FM", "FSM", "Micronesia"),
    country("FO", "FRO", "Faroe Islands"),
    country("FR", "FRA", "France"),
    country("GA", "GAB", "Gabon"),
    country("GB", "GBR", "United Kingdom"),
    country("GD", "GRD", "Grenada"),
    country("GE", "GEO", "Georgia"),
    country("GF", "GUF", "French Guiana"),
    country("GG", "GGY", "Guernsey"),
    country("GH", "GHA", "Ghana"),
    country("GI", "GIB", "Gibraltar"),
    country("GL", "GRL", "Greenland"),
    country("GM", "GMB", "Gambia"),
    country("GN", "GIN", "Guinea"),
    country("GP", "GLP", "Guadeloupe"),
    country("GQ", "GNQ", "Equatorial Guinea"),
    country("GR", "GRC", "Greece"),
    country("GS", "SGS", "South Georgia and the South Sandwich Islands"),
    country("GT", "GTM", "Guatemala"),
    country("GU", "GUM", "Guam"),
    country("GW", "GNB", "Guinea-Bissau"),
    country("GY", "GUY", "Guyana"),
    country("HK", "HKG", "Hong Kong"),
    country("HM", "HMD", "Heard Island and McDonald Islands"),
    country("HN", "HND", "Honduras"),
    country("HR", "HRV", "Croatia"),
    country("HT", "HTI", "Haiti"),
    country("HU", "HUN", "Hungary"),
    country("ID", "IDN", "Indonesia"),
    country("IE", "IRL", "Ireland"),
    country("IL", "ISR", "Israel"),
    country("IM", "IMN", "Isle of Man"),
    country("IN", "IND", "India"),
    country("IO", "IOT", "British Indian Ocean Territory"),
    country("IQ", "IRQ", "Iraq"),
    country("IR", "IRN", "Iran"),
    country("IS", "ISL", "Iceland"),
    country("IT", "ITA", "Italy"),
    country("JE", "JEY", "Jersey"),
    country("JM", "JAM", "Jamaica"),
    country("JO", "JOR", "Jordan"),
    country("JP", "JPN", "Japan"),
    country("KE", "KEN", "Kenya"),
    country("KG", "KGZ", "Kyrgyzstan"),
    country("KH", "KHM", "Cambodia"),
    country("KI", "KIR", "Kiribati"),
    country("KM", "COM", "Comoros"),
    country("KN", "KNA", "Saint Kitts and Nevis"),
    country("KP", "PRK", "North Korea"),
    country("KR", "KOR", "South Korea"),
    country("KW", "KWT", "Kuwait"),
    country("KY", "CYM", "Cayman Islands"),
    country("KZ", "KAZ", "Kazakhstan"),
    country("LA", "LAO", "Laos"),
    country("LB", "LBN", "Lebanon"),
    country("LC", "LCA", "Saint Lucia"),
    country("LI", "LIE", "Liechtenstein"),
    country("LK", "LKA", "Sri Lanka"),
    country("LR", "LBR", "Liberia"),
    country("LS", "LSO", "Lesotho"),
    country("LT", "LTU", "Lithuania"),
    country("LU", "LUX", "Luxembourg"),
    country("LV", "LVA", "Latvia"),
    country("LY", "LBY", "Libya"),
    country("MA", "MAR", "Morocco"),
    country("MC", "MCO", "Monaco"),
    country("MD", "MDA", "Moldova"),
    country("ME", "MNE", "Montenegro"),
    country("MF", "MAF", "Saint Martin (French part)"),
    country("MG", "MDG", "Madagascar"),
    country("MH", "MHL", "Marshall Islands"),
    country("MK", "MKD", "North Macedonia"),
    country("ML", "MLI", "Mali"),
    country("MM", "MMR", "Myanmar"),
    country("MN", "MNG", "Mongolia"),
    country("MO", "MAC", "Macao"),
    country("MP", "MNP", "Northern Mariana Islands"),
    country("MQ", "MTQ", "Martinique"),
    country("MR", "MRT", "Mauritania"),
    country("MS", "MSR", "Montserrat"),
    country("MT", "MLT", "Malta"),
    country("MU", "MUS", "Mauritius"),
    country("MV", "MDV", "Maldives"),
    country("MW", "MWI", "Malawi"),
    country("MX", "MEX", "Mexico"),
    country("MY", "MYS", "Malaysia"),
    country("MZ", "MOZ", "Mozambique"),
    country("NA", "NAM", "Namibia"),
    country("NC", "NCL", "New Caledonia"),
    country("NE", "NER", "Niger"),
    country("NF", "NFK", "Norfolk Island"),
    country("NG", "NGA", "Nigeria"),
    country("NI", "NIC", "Nicaragua"),
    country("NL", "NLD", "Netherlands"),
    country("NO", "NOR", "Norway"),
    country("NP", "NPL", "Nepal"),
    country("NR", "NRU", "Nauru"),
    country("NU", "NIU", "Niue"),
    country("NZ", "NZL", "New Zealand"),
    country("OM", "OMN", "Oman"),
    country("PA", "PAN", "Panama"),
    country("PE", "PER", "Peru"),
    country("PF", "PYF", "French Polynesia"),
    country("PG", "PNG", "Papua New Guinea"),
    country("PH", "PHL", "Philippines"),
    country("PK", "PAK", "Pakistan"),
    country("PL", "POL", "Poland"),
    country("PM", "SPM", "Saint Pierre and Miquelon"),
    country("PN", "PCN", "Pitcairn"),
    country("PR", "PRI", "Puerto Rico"),
    country("PS", "PSE", "Palestine"),
    country("PT", "PRT", "Portugal"),
    country("PW", "PLW", "Palau"),
    country("PY", "PRY", "Paraguay"),
    country("QA", "QAT", "Qatar"),
    country("RE", "REU", "Réunion"),
    country("RO", "ROU", "Romania"),
    country("RS", "SRB", "Serbia"),
    country("RU", "RUS", "Russia"),
    country("RW", "RWA", "Rwanda"),
    country("SA", "SAU", "Saudi Arabia"),
    country("SB", "SLB", "Solomon Islands"),
    country("SC", "SYC", "Seychelles"),
    country("SD", "SDN", "Sudan"),
    country("SE", "SWE", "Sweden"),
    country("SG", "SGP", "Singapore"),
    country("SH", "SHN", "Saint Helena, Ascension and Tristan da Cunha"),
    country("SI", "SVN", "Slovenia"),
    country("SJ", "SJM", "Svalbard and Jan Mayen"),
    country("SK", "SVK", "Slovakia"),
    country("SL", "SLE", "Sierra Leone"),
    country("SM", "SMR", "San Marino"),
    country("SN", "SEN", "Senegal"),
    country("SO", "SOM", "Somalia"),
    country("SR", "SUR", "Suriname"),
    country("SS", "SSD", "South Sudan"),
    country("ST", "STP", "São Tomé and Príncipe"),
    country("SV", "SLV", "El Salvador"),
    country("SX", "SXM", "Sint Maarten (Dutch part)"),
    country("SY", "SYR", "Syria"),
    country("SZ", "SWZ", "Eswatini"),
    country("TC", "TCA", "Turks and Caicos Islands"),
    country("TD", "TCD", "Chad"),
    country("TF", "ATF", "French Southern Territories"),
    country("TG", "TGO", "Togo"),
    country("TH", "THA", "Thailand"),
    country("TJ", "TJK", "Tajikistan"),
    country("TK", "TKL", "Tokelau"),
    country("TL", "TLS", "Timor-Leste"),
    country("TM", "TKM", "Turkmenistan"),
    country("TN", "TUN", "Tunisia"),
    country("TO", "TON", "Tonga"),
    country("TR", "TUR", "Türkiye"),
    country("TT", "TTO", "Trinidad and Tobago"),
    country("TV", "TUV", "Tuvalu"),
    country("TW", "TWN", "Taiwan"),
    country("TZ", "TZA", "Tanzania"),
    country("UA", "UKR", "Ukraine"),
    country("UG", "UGA", "Uganda"),
    country("UM", "UMI", "United States Minor Outlying Islands"),
    country("US", "USA", "United States of America"),
    country("UY", "URY", "Uruguay"),
    country("UZ", "UZB", "Uzbekistan"),
    country("VA", "VAT", "Holy See (Vatican City)"),
    country("VC", "VCT", "Saint Vincent and the Grenadines"),
    country("VE", "VEN", "Venezuela"),
    country("VG", "VGB", "British Virgin Islands"),
    country("VI", "VIR", "U.S. Virgin Islands"),
    country("VN", "VNM", "Vietnam"),
    country("VU", "VUT", "Vanuatu"),
    country("WF", "WLF", "Wallis and Futuna"),
    country("WS", "WSM", "Samoa"),
    country("YE", "YEM", "Yemen"),
    country("YT", "MYT", "Mayotte"),
    country("ZA", "ZAF", "South Africa"),
    country("ZM", "ZMB", "Zambia"),
    country("ZW", "ZWE", "Zimbabwe"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::path::Path;

    fn codes(query: &str) -> Vec<&'static str> {
        search(query).map(|country| country.code).collect()
    }

    #[test]
    fn the_table_is_complete_sorted_and_unique() {
        assert_eq!(all().len(), 249);
        assert!(all().windows(2).all(|pair| pair[0].code < pair[1].code));
        for field in [|c: &Country| c.code, |c: &Country| c.alpha3, |c: &Country| c.name] {
            assert_eq!(all().iter().map(field).collect::<HashSet<_>>().len(), 249);
        }
        for country in all() {
            assert!(country.code.len() == 2 && country.alpha3.len() == 3, "{country:?}");
            let upper = |code: &str| code.bytes().all(|byte| byte.is_ascii_uppercase());
            assert!(upper(country.code) && upper(country.alpha3), "{country:?}");
            assert!(country.name.chars().next().is_some_and(char::is_uppercase), "{country:?}");
            let folded = |letter: char| fold(letter).is_ascii();
            assert!(country.name.chars().all(folded), "an accent that `fold` does not know: {country:?}");
        }
    }

    #[test]
    fn every_country_has_a_flag() {
        let flags = Path::new(env!("CARGO_MANIFEST_DIR")).join("../frontend/assets/flags");
        let missing: Vec<_> = all()
            .iter()
            .filter(|c| !flags.join(format!("{}.svg", c.code)).is_file())
            .map(|c| c.code)
            .collect();
        assert!(missing.is_empty(), "no flag for {missing:?}");
    }

    #[test]
    fn find_ignores_case_and_takes_the_alpha_2_code_only() {
        assert_eq!(find("om").map(|c| (c.alpha3, c.name)), Some(("OMN", "Oman")));
        assert_eq!(find("US").map(|c| c.name), Some("United States of America"));
        for unknown in ["", "O", "OMN", "XX", "ÖM"] {
            assert_eq!(find(unknown), None, "{unknown:?}");
        }
    }

    #[test]
    fn search_puts_the_exact_code_first() {
        assert_eq!(codes("de").first(), Some(&"DE"), "before Denmark");
        assert_eq!(codes("IN").first(), Some(&"IN"), "before Indonesia");
        assert_eq!(codes("omn"), ["OM"]);
        assert_eq!(codes(" om "), ["OM"]);
    }

    #[test]
    fn search_ranks_names_then_words_then_codes() {
        assert_eq!(codes("united"), ["AE", "GB", "UM", "US"]);
        assert_eq!(codes("guinea"), ["GN", "GW", "GQ", "PG"]);
        assert_eq!(codes("arab em"), ["AE"]);
        assert_eq!(codes("gb"), ["GB"]);
        let ch = codes("ch");
        assert_eq!(ch.first(), Some(&"CH"), "Switzerland by its code");
        assert!(ch.contains(&"CN") && ch.contains(&"TD"), "China and Chad by name: {ch:?}");
    }

    #[test]
    fn search_ignores_accents_and_hyphens() {
        assert_eq!(codes("turkiye"), ["TR"]);
        assert_eq!(codes("TÜRKI"), ["TR"]);
        assert_eq!(codes("cote d'iv"), ["CI"]);
        assert_eq!(codes("ivoire"), ["CI"]);
        assert_eq!(codes("guinea bissau"), ["GW"]);
        assert_eq!(codes("aland"), ["AX"]);
    }

    #[test]
    fn search_yields_each_country_once_and_all_for_nothing() {
        assert_eq!(codes("").len(), 249);
        assert_eq!(codes("").iter().collect::<HashSet<_>>().len(), 249);
        assert!(codes("zzz").is_empty());
        assert!(codes("man").iter().all(|code| *code != "OM"), "the middle of a word is not a match");
    }
}
