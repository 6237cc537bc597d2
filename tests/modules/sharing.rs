//! Pictures of questions and values that scenes share, refused where the researcher wrote them.

use crate::bench::Study;

const PNG: &str = "\u{89}PNG";

fn study(body: &str) -> Study {
    Study::of(body)
        .with("cards/a.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>")
        .with("cards/b.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>")
        .with("cards/text.png", PNG)
        .with("cards/empty.png", "")
}

fn choice(images: &str) -> String {
    format!("from greenroom import ChoiceQuestion\nChoiceQuestion('q', 'Which?', options=['a', 'b'], images={images})")
}

#[test]
fn pictures_are_checked_where_they_are_named() {
    for (images, words) in [
        ("['cards/a.svg', 'cards/none.svg']", "ChoiceQuestion: images: "),
        ("['cards/a.svg', 'cards/none.svg']", "cards/none.svg cannot be read"),
        ("['cards/a.svg', 'cards/text.png']", "which is no picture: save it as PNG, JPEG"),
        ("['cards/a.svg', 'cards/empty.png']", "which is no picture"),
        ("['cards/a.svg', '../a.svg']", "must be a path below the folder of the experiment module"),
        ("['cards/a.svg', '/cards/b.svg']", "must be a path below the folder"),
        ("['cards/a.svg', 'https://example.org/b.svg']", "pages show pictures of the study's own only"),
        ("['cards/a.svg']", "has 1 addresses for 2 options"),
    ] {
        study(&choice(images)).is_wrong(5, &[words]);
    }
}

#[test]
fn pictures_that_nothing_serves_are_told_at_the_question() {
    let of = |served: &str| {
        study(&format!(
            "from greenroom import ChoiceQuestion, SurveyScene\n\
             which = ChoiceQuestion('q', 'Which?', options=['a', 'b'], images=['cards/a.svg', 'cards/b.svg'])\n\
             scenes = [StartScene().scene('a'), SurveyScene([which]).scene('s'), EndScene().scene('b')]\n\
             experiment = Experiment().experiment('pilot', Stager(scenes)){served}"
        ))
    };
    of("").is_wrong(5, &["the picture 'cards/a.svg' is in no folder that is served: add .static_files(['cards'])"]);
    let report = of(".static_files(['cards'])").check();
    assert!(report.well, "{}", report.text);
}

#[test]
fn globals_are_checked_where_they_are_declared() {
    for (call, words) in [
        ("Experiment().globals()", "values"),
        ("Experiment().globals(3)", "values"),
        ("Experiment().globals({1: 2})", "a name is a text"),
        ("Experiment().globals({'': 2})", "a name has 1 to 64 characters"),
        ("Experiment().globals({'x': object()})", "it must be None, a bool, a finite number, a text"),
        ("Experiment().globals({'x': float('nan')})", "has for 'x' nan"),
        ("Experiment().globals({'x': 'y' * 20000})", "has more than 16384 bytes"),
        ("Experiment().globals({'coins': 0}, merge={'coin': 'sum'})", "did you mean 'coins'?"),
        (
            "Experiment().globals({'coins': 0}, merge={'coins': 'add'})",
            "it must be 'last', 'sum', 'max', 'min' or 'append'",
        ),
        ("Experiment().globals({'coins': []}, merge={'coins': 'sum'})", "which must be a number at first"),
        ("Experiment().globals({'coins': 0}, merge={'coins': 'append'})", "which must be a list at first"),
    ] {
        Study::of(call).is_wrong(4, &[words]);
    }
}
