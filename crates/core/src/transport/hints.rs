use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::RETRY_AFTER;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// No server is believed beyond a day: one broken header must not silence a key for ever.
const LONGEST: Duration = Duration::from_secs(86_400);
/// A reset above this is a moment in seconds since 1970, not a number of seconds to wait.
const EPOCH_FROM: f64 = 1.0e9;

/// How long a response asks to wait: the longer of `Retry-After` and the rate limit's reset.
///
/// [`Caller`](super::Caller) asks this itself where a dialect names no wait.
///
/// # Examples
/// ```
/// use std::time::{Duration, SystemTime};
///
/// let mut headers = http::HeaderMap::new();
/// headers.insert("x-ratelimit-reset", "2.5".parse()?);
/// let wait = privlink_core::transport::server_wait(&headers, SystemTime::now());
/// assert_eq!(wait, Some(Duration::from_millis(2_500)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn server_wait(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    retry_after(headers, now).max(rate_limit_reset(headers, now))
}

/// `Retry-After`: seconds, whole or not, or one of the three HTTP dates (RFC 9110 §5.6.7)
/// measured against `now`.
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    seconds(text).or_else(|| http_date(text).map(|date| until(date, now)))
}

/// `X-RateLimit-Reset` or `RateLimit-Reset`: seconds until the window resets, whole or not; a
/// number too great for that is read as seconds since 1970 and measured against `now`.
#[must_use]
pub fn rate_limit_reset(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = headers.get("x-ratelimit-reset").or_else(|| headers.get("ratelimit-reset"))?;
    let text = value.to_str().ok()?.trim();
    match text.parse::<f64>() {
        Ok(moment) if moment >= EPOCH_FROM => {
            let moment = Duration::try_from_secs_f64(moment).ok()?;
            Some(until(SystemTime::UNIX_EPOCH.checked_add(moment)?, now))
        }
        _ => seconds(text),
    }
}

fn seconds(text: &str) -> Option<Duration> {
    let seconds: f64 = text.parse().ok()?;
    Some(Duration::try_from_secs_f64(seconds).ok()?.min(LONGEST))
}

fn until(date: SystemTime, now: SystemTime) -> Duration {
    date.duration_since(now).unwrap_or_default().min(LONGEST)
}

fn http_date(text: &str) -> Option<SystemTime> {
    const FORMS: [&str; 3] = ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
    let date = FORMS.iter().find_map(|form| DateTime::strptime(form, text).ok())?;
    let zoned = date.to_zoned(TimeZone::UTC).ok()?;
    Some(zoned.timestamp().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_747) // Sun, 06 Nov 1994 08:49:07 GMT
    }

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(http::HeaderName::from_static(name), value.parse().unwrap())])
    }

    #[test]
    fn retry_after_takes_seconds_and_all_three_dates() {
        for (text, millis) in [
            ("30", Some(30_000)),
            (" 0.25 ", Some(250)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(30_000)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(30_000)),
            ("Sun Nov  6 08:49:37 1994", Some(30_000)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("-1", None),
            ("NaN", None),
            ("soon", None),
            ("", None),
        ] {
            let wait = retry_after(&headers("retry-after", text), now());
            assert_eq!(wait, millis.map(Duration::from_millis), "{text:?}");
        }
    }

    #[test]
    fn a_reset_is_a_wait_or_a_moment() {
        let reset = |text| rate_limit_reset(&headers("x-ratelimit-reset", text), now());
        assert_eq!(reset("9.75"), Some(Duration::from_millis(9_750)));
        assert_eq!(reset("1e300"), None);
        assert_eq!(reset("inf"), None);
        assert_eq!(reset("784111800"), Some(LONGEST));
        let later = SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000);
        let epoch = rate_limit_reset(&headers("x-ratelimit-reset", "1790000007"), later);
        assert_eq!(epoch, Some(Duration::from_secs(7)));
        assert_eq!(rate_limit_reset(&headers("ratelimit-reset", "4"), later), Some(Duration::from_secs(4)));
    }

    #[test]
    fn the_longer_wait_wins() {
        let mut both = headers("x-ratelimit-reset", "9");
        both.insert(RETRY_AFTER, "3".parse().unwrap());
        assert_eq!(server_wait(&both, now()), Some(Duration::from_secs(9)));
        assert_eq!(server_wait(&HeaderMap::new(), now()), None);
    }
}
