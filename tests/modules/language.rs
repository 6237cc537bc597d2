//! `Experiment.language`: refused at the researcher's line, and told by the check.

use crate::bench::Study;

fn study(language: &str) -> Study {
    Study::of(&format!(
        "stager = Stager([StartScene().scene('start'), EndScene().scene('end')])\n\
         experiment = Experiment().experiment('pilot', stager)\n\
         experiment.language({language})"
    ))
}

#[test]
fn what_is_wrong_is_refused_at_its_line() {
    for (call, words) in [
        ("'no language'", "ValueError: Experiment.language: language must be the tag of a language, such as 'en'"),
        ("3", "TypeError: Experiment.language: language must be the tag of a language"),
        ("'de', texts={'contnue': 'Los'}", "has \"contnue\", which is no text; did you mean \"continue\"?"),
        ("'de', texts={'form': 'x'}", "has \"form\", which is a group of texts: name one of them, such as form.answer"),
        (
            "'de', texts={'finalScore': '{scores} Punkte'}",
            "has {scores} in \"finalScore\", which is not known there; did you mean {score}?",
        ),
        ("'de', texts={'continue': '{x}'}", "this text has no places to be filled"),
        ("'de', texts={'continue': 3}", "has 3 for \"continue\": give a text, or a dict of forms"),
        ("'pl', texts={'form.summary': {'one': 'x', 'few': 'y'}}", "has no form \"other\" for \"form.summary\""),
        (
            "'pl', texts={'form.summary': {'some': 'x', 'other': 'y'}}",
            "has the form \"some\" for \"form.summary\": only texts",
        ),
        ("'de', texts=['a']", "texts must be a dict from keys of texts"),
        ("'fr', base='pt'", "base must be 'en' or 'de', but 'pt' was given"),
        ("'ar', direction='left'", "direction must be 'ltr' or 'rtl'"),
    ] {
        study(call).is_wrong(6, &[words]);
    }
}

#[test]
fn the_check_tells_the_language_and_what_nobody_has_translated() {
    let german =
        study("'de-AT', texts={'continue': 'Los', 'form.summary': {'one': 'Eine', 'other': '{count}'}}").check();
    assert!(german.well && german.text.contains("language de-AT\n"), "{}", german.text);
    assert!(!german.text.contains("still those of"), "{}", german.text);
    let arabic = study("'ar', texts={'continue': 'متابعة'}").check();
    assert!(arabic.well && arabic.text.contains("language ar, from right to left\n"), "{}", arabic.text);
    assert!(arabic.text.contains("texts are still those of 'en': "), "{}", arabic.text);
}
