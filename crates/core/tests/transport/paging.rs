use futures_util::TryStreamExt;
use privlink_core::{Page, Pages};

use crate::support::{Act, READ, Script, request};

#[tokio::test(start_paused = true)]
async fn a_list_over_a_caller_is_one_stream() {
    let script = Script::new([
        Act::Reply(200, Vec::new(), r#"{"items":["a","b"],"next":"p2"}"#),
        Act::status(503),
        Act::Reply(200, Vec::new(), r#"{"items":["c"],"next":""}"#),
    ]);
    let caller = script.caller().build();
    let pages = Pages::new(move |token| {
        let caller = caller.clone();
        async move {
            let mut request = request();
            if let Some(token) = token {
                *request.uri_mut() = format!("https://api.plain.test/v1/things?cursor={token}").parse().unwrap();
            }
            let page: serde_json::Value = caller.call_json(&READ, "", request).await?;
            let items = page["items"].as_array().unwrap().iter().map(|item| item.as_str().unwrap().to_owned());
            Ok(Page::whole(items.collect::<Vec<_>>(), page["next"].as_str().map(str::to_owned)))
        }
    });
    let all: Vec<String> = pages.try_collect().await.unwrap();
    assert_eq!(all, ["a", "b", "c"]);
    assert_eq!(script.requests()[2].uri().query(), Some("cursor=p2"));
}
