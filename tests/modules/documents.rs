//! Pages and builds of the researcher's own: what is wrong with their files is told at the researcher's line.

use crate::bench::Study;

const BUILD: [&str; 4] = [
    "web/Build/game.loader.js",
    "web/Build/game.data.br",
    "web/Build/game.framework.js.gz",
    "web/Build/game.wasm.unityweb",
];

const AROUND: &str =
    "experiment = Experiment().experiment('s', Stager([StartScene().scene('a'), scene, EndScene().scene('z')]))";

/// A study with a build of which files are left out, or have other contents.
fn build(call: &str, change: &[(&str, Option<&str>)]) -> Study {
    let mut study = Study::of(&format!("scene = UnityScene().scene('game').{call}\n{AROUND}"));
    for path in BUILD {
        let other = change.iter().find(|(name, _)| path.ends_with(name));
        if let Some(contents) = other.map_or(Some("contents"), |(_, contents)| *contents) {
            study = study.with(path, contents);
        }
    }
    study
}

#[test]
fn a_build_is_found_wherever_unity_has_put_it() {
    for call in ["webgl('game', 'web')", "webgl(build_name='game', directory='web/Build')"] {
        let report = build(call, &[]).check();
        assert!(report.well && report.text.contains("UnityScene"), "{}", report.text);
    }
}

/// A build's name, files that are other than they should be (absent where there is nothing), and what is told.
type Case<'a> = (&'a str, &'a [(&'a str, Option<&'a str>)], &'a str);

#[test]
fn what_is_missing_of_a_build_is_told() {
    let webgl = "webgl('game', 'web')";
    const POINTER: &str = "version https://git-lfs.github.com/spec/v1\noid sha256:0\n";
    let cases: &[Case] = &[
        (webgl, &[("game.loader.js", None)], "game.loader.js is not there, nor in Build or game/Build below it"),
        (
            webgl,
            &[("game.wasm.unityweb", None)],
            "game.wasm is not there, nor with .br, .gz or .unityweb behind its name",
        ),
        (webgl, &[("game.data.br", Some(""))], "game.data.br is empty"),
        (webgl, &[("game.data.br", Some(POINTER))], "was not fetched: it is a pointer of Git LFS; run `git lfs pull`"),
        ("webgl('gane', 'web')", &[], "there is a build named \"game\""),
        ("webgl('game', 'wab')", &[], "wab is not a directory"),
        ("webgl('web/game', 'web')", &[], "build_name is the name that the build's files begin with, without a folder"),
        ("webgl('game', 'web', receiver='Game')", &[], "receiver must be a pair of texts"),
        ("webgl('game', 'web', webgl_base_url='x')", &[], "give the folder of the build as `directory`"),
        ("webgl('game', 'web', settings={1: object()})", &[], "settings must be a dict that JSON can hold"),
    ];
    for (call, change, words) in cases {
        build(call, change).is_wrong(4, &[words]);
    }
    let old = Study::of(&format!("scene = UnityScene().webgl('game', 'web')\n{AROUND}"))
        .with("web/Build/UnityLoader.js", "x");
    old.is_wrong(4, &["builds of Unity before 2020 have another form: build it anew"]);
}

#[test]
fn what_is_wrong_with_a_page_is_told() {
    let cases = [
        ("page('pages')", "index.html cannot be read", "the folder has task.html: name one with document=..."),
        ("page('nothing.html')", "nothing.html cannot be read", "relative to the folder of the experiment module"),
        ("page('pages', document='../study.py')", "document is a file in the folder", ""),
        ("page('pages/task.html', document='a.html')", "but `path` is no folder", ""),
        ("page('pages/task.html', allow_continue_on=[])", "allow_continue_on must be a name under which", ""),
        ("page('pages/task.html', allow_continue_on=3)", "TypeError: HtmlScene.page: allow_continue_on", ""),
        ("page('pages/task.html', height=20)", "height must be a whole number from 100 to 10000", ""),
        ("page(file='pages/task.html')", "the option is `path`", ""),
        ("hooks(on_message=lambda data: data)", "can be called with two arguments (participant, data)", ""),
        ("game(score_fn=3)", "score_fn must be a function", ""),
        ("webgl('game', 'web')", "builds of Unity's have a class of their own: UnityScene", ""),
        ("pages('x')", "did you mean `page`?", ""),
    ];
    for (call, words, more) in cases {
        let study = Study::of(&format!("scene = HtmlScene().scene('task').{call}\n{AROUND}"));
        study.with("pages/task.html", "<p>").is_wrong(4, &[words, more]);
    }
    let bare = Study::of(&format!("scene = HtmlScene().scene('task')\n{AROUND}"));
    bare.is_wrong(4, &["HtmlScene \"task\" has no page: give it with .page(path=...)"]);
}
