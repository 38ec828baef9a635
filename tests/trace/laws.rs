//! What holds of whatever bytes.

use govc::run::Input;
use govc::run::trace::{Options, observation, spec_of};
use govc::time::Instant;
use proptest::prelude::*;

use super::support::{model, record_model};
use super::{HEADER, read_with};

/// Text that is nearly a trace.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just("{\"time\": \"2025-01-01\", \"event\": \"decided\"}"),
        Just("{\"at\": 1577836800, \"what\": \"lead_added\", \"team\": \"a\"}"),
        Just("{\"at\": 1577836801, \"what\": \"lead_added\", \"team\": \"a\", \"who\": \"ann\"}\n"),
        Just(
            "{\"time\": \"2025-01-02\", \"event\": \"SIG.meet\", \"group\": \"a\", \"by\": \"ann\"}\n"
        ),
        Just(
            "{\"time\": \"2025-01-02\", \"event\": \"SIG.meet\", \"group\": \"a\", \"present\": 3}\n"
        ),
        Just("{\"format\": \"govc-trace\", \"given\": [{\"kind\": \"SIG\", \"group\": \"a\"}]}"),
        Just("{\"events\": ["),
        Just("["),
        Just("]"),
        Just("{"),
        Just("}"),
        Just(","),
        Just(":"),
        Just("\""),
        Just("\n"),
        Just("\\u"),
        Just("\"time\""),
        Just("\"event\""),
        Just("\"group\""),
        Just("\"given\""),
        Just("null"),
        Just("1e9"),
        Just("-"),
        Just("\u{feff}"),
        Just("é"),
        Just("2025-01-01"),
    ];
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        proptest::collection::vec(piece, 0..24).prop_map(|p| p.concat().into_bytes()),
        (proptest::collection::vec(any::<u8>(), 0..4), any::<proptest::sample::Index>()).prop_map(
            |(bytes, index)| {
                let mut trace = format!("{HEADER}}}\n{{\"time\": \"2025-02-01\", \"event\": \"SIG.meet\", \"group\": \"sdk\", \"present\": 3}}").into_bytes();
                let at = index.index(trace.len());
                trace.splice(at..(at + bytes.len()).min(trace.len()), bytes);
                trace
            }
        ),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_end_without_panic_and_always_the_same(bytes in nearly()) {
        for model in [model(), record_model()] {
            // Again, and the long way at that.
            let options = Options { allow_late: true, ..Options::default() };
            let one = read_with(&model, &bytes, options);
            let two = read_with(&model, &bytes, Options { long_way: true, ..options });
            match (one, two) {
                (Ok((a, read_a, _)), Ok((b, read_b, _))) => {
                    prop_assert_eq!(&a, &b);
                    prop_assert_eq!(read_a, read_b);
                    // Begin first, End last, in order of time between.
                    if let (Some(first), Some(last)) = (a.first(), a.last()) {
                        prop_assert!(matches!(first, Input::Begin(_)));
                        prop_assert!(matches!(last, Input::End(_)));
                    }
                    let times: Vec<Instant> = a.iter().filter_map(|i| match i {
                        Input::Begin(at) | Input::End(at) => Some(*at),
                        Input::Occur(o) => Some(o.at.at),
                        Input::Given(_) => None,
                    }).collect();
                    prop_assert!(times.is_sorted());
                }
                (Err(a), Err(b)) => {
                    prop_assert_eq!(a.to_text(true), b.to_text(true));
                    prop_assert!(!a.shown.is_empty());
                }
                _ => prop_assert!(false, "two answers"),
            }
            let _ = observation(&model, &bytes[..]);
            let _ = spec_of(&bytes[..]);
        }
    }
}
