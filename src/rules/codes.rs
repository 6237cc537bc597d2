//! The codes that participants get, and what they leave a study with.

use crate::experiment::{Codes, EndScene, Gates, Redirect, filled_address, holes};
use crate::ids::SubjectId;
use crate::rules::memory::Memory;
use crate::wire::{Dismissal, IssuedCode};

/// Random bytes of which a code is made, should one be issued.
pub type Luck = [u8; 8];

/// Letters and digits that are not mistaken for each other when somebody copies them by hand. There are 32, so that
/// each byte of luck gives one, all alike probable.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// The code for an outcome: the word that was fixed for it, or one that nobody else has.
pub fn issue(codes: &Codes, reason: Dismissal, luck: Luck) -> String {
    match codes.words.get(&reason) {
        Some(word) => word.clone(),
        None => luck.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect(),
    }
}

/// Where an end scene leads, if anywhere.
pub fn exit<'a>(end: &'a EndScene, gates: &'a Gates) -> Option<&'a Redirect> {
    end.redirect.as_ref().or(gates.exit.as_ref())
}

/// What a participant with these codes leaves a study with: the last thing for which it was dismissed, where that ended
/// the study or the researcher asks for it by a word or an address of its own; otherwise the study is complete.
pub fn outcome(issued: &[IssuedCode], gates: &Gates, exit: Option<&Redirect>) -> Dismissal {
    let asked = |reason| {
        gates.codes.words.contains_key(&reason) || exit.is_some_and(|exit| exit.outcomes.contains_key(&reason))
    };
    let reasons = issued.iter().rev().map(|code| code.reason).filter(|reason| *reason != Dismissal::Complete);
    reasons.into_iter().find(|reason| reason.ends_study() || asked(*reason)).unwrap_or(Dismissal::Complete)
}

/// Whether everybody who comes to an end scene gets a code there.
pub fn given_at(end: &EndScene, gates: &Gates) -> bool {
    let mentioned = |exit: &Redirect| {
        let others = exit.outcomes.values().flatten().map(String::as_str);
        let values = exit.parameters.iter().map(|(_, value)| value.as_str());
        exit.append_code || others.chain(values).chain([exit.url.as_str()]).any(|text| holes(text).any(is_code))
    };
    end.shows_code || gates.codes.at_end || exit(end, gates).is_some_and(mentioned)
}

fn is_code(hole: &str) -> bool {
    hole == "code"
}

/// Where a participant is led who leaves with this outcome; nowhere when that is no address.
pub fn address(
    exit: &Redirect,
    outcome: Dismissal,
    code: Option<&str>,
    subject: &SubjectId,
    memory: &Memory,
) -> Option<String> {
    let template = exit.template(outcome)?;
    filled_address(&template, |hole| match hole {
        "subject_id" => Some(subject.to_string()),
        "code" => code.map(str::to_owned),
        "outcome" => {
            Dismissal::OUTCOMES.iter().find(|(_, other)| *other == outcome).map(|(name, _)| (*name).to_owned())
        }
        parameter => memory.parameters().get(parameter).cloned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::ParticipantFact;
    use crate::wire::{Browser, Page};
    use proptest::prelude::*;

    fn end(redirect: Option<Redirect>) -> EndScene {
        EndScene { scene_id: "end".parse().unwrap(), page: Page::default(), redirect, shows_code: false, bonus: None }
    }

    fn codes(reasons: &[Dismissal]) -> Vec<IssuedCode> {
        reasons.iter().map(|reason| IssuedCode { reason: *reason, code: "X".into() }).collect()
    }

    fn any_reason() -> impl Strategy<Value = Dismissal> {
        prop::sample::select(Dismissal::OUTCOMES.map(|(_, reason)| reason).to_vec())
    }

    #[test]
    fn every_outcome_has_a_name_and_every_name_is_that_of_the_record() {
        for (name, reason) in Dismissal::OUTCOMES {
            assert_eq!(serde_json::to_value(reason).unwrap(), name);
        }
    }

    #[test]
    fn whoever_lost_a_partner_and_went_on_is_complete_unless_the_researcher_tells_it_apart() {
        use Dismissal::*;
        let mut gates = Gates::default();
        assert_eq!(outcome(&codes(&[PartnerLost]), &gates, None), Complete);
        assert_eq!(outcome(&codes(&[PartnerLost, Excluded]), &gates, None), Excluded);
        let exit = Redirect { outcomes: [(PartnerLost, None)].into(), ..Redirect::default() };
        assert_eq!(outcome(&codes(&[PartnerLost]), &gates, Some(&exit)), PartnerLost);
        gates.codes.words.insert(PartnerLost, "LOST".into());
        assert_eq!(outcome(&codes(&[Complete, PartnerLost]), &gates, None), PartnerLost);
    }

    #[test]
    fn an_address_is_filled_with_what_is_known() {
        let mut memory = Memory::default();
        memory.apply(&ParticipantFact::ParticipantCreated {
            token: crate::ids::ResumeToken::from_random([1; 16]).digest(),
            parameters: [("PROLIFIC_PID".to_owned(), "5f &=#/".to_owned())].into(),
            browser: Browser::default(),
        });
        let exit = Redirect {
            url: "https://panel.example/done?a=1#top".into(),
            parameters: vec![("cc".into(), "{code}".into()), ("p id".into(), "{PROLIFIC_PID}+{nobody}".into())],
            outcomes: [(Dismissal::ScreenedOut, None)].into(),
            ..Redirect::default()
        };
        let ann = "ann".parse().unwrap();
        let told = address(&exit, Dismissal::Complete, Some("C1"), &ann, &memory);
        let whole = "https://panel.example/done?a=1&cc=C1&p%20id=5f%20%26%3D%23%2F%2B#top";
        assert_eq!(told.as_deref(), Some(whole));
        assert_eq!(address(&exit, Dismissal::ScreenedOut, None, &ann, &memory), None);
        assert!(given_at(&end(Some(exit)), &Gates::default()));
        assert!(!given_at(&end(None), &Gates::default()));
    }

    proptest! {
        #[test]
        fn a_word_that_was_fixed_is_given_to_everybody_and_any_other_code_is_easy_to_copy(
            reason in any_reason(), fixed in any::<bool>(), luck in any::<[u8; 8]>(),
        ) {
            let words = fixed.then(|| (reason, "C0DE".to_owned())).into_iter().collect();
            let code = issue(&Codes { at_end: true, words }, reason, luck);
            if fixed {
                prop_assert_eq!(code, "C0DE");
            } else {
                prop_assert_eq!(code.len(), 8);
                prop_assert!(code.bytes().all(|letter| ALPHABET.contains(&letter)));
            }
        }

        #[test]
        fn everybody_leaves_with_something_that_they_were_told_or_complete(
            reasons in prop::collection::vec(any_reason(), 0..5),
        ) {
            let left = outcome(&codes(&reasons), &Gates::default(), None);
            prop_assert!(left == Dismissal::Complete || reasons.contains(&left));
            prop_assert_eq!(left.ends_study(), reasons.iter().any(|reason| reason.ends_study()));
        }
    }
}
