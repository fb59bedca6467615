//! What the programs of the checks share.

use std::fmt::Display;

/// Counts what held, and says what did not.
#[derive(Debug, Default)]
pub struct Tally {
    passed: u32,
    failed: u32,
}

impl Tally {
    /// Notes one check.
    pub fn check(&mut self, what: &str, held: bool, seen: impl Display) {
        if held {
            self.passed += 1;
        } else {
            self.failed += 1;
            println!("FAILED {what}: {seen}");
        }
    }

    /// Notes a call that must succeed, and gives its value.
    pub fn ok<T, E: Display>(&mut self, what: &str, result: Result<T, E>) -> Option<T> {
        match result {
            Ok(value) => {
                self.passed += 1;
                Some(value)
            }
            Err(error) => {
                self.check(what, false, error);
                None
            }
        }
    }

    /// Prints the closing line; whether all held.
    #[must_use]
    pub fn end(self, title: &str) -> bool {
        println!("{title}: {} passed, {} failed", self.passed, self.failed);
        self.failed == 0 && self.passed > 0
    }
}

/// What both programs of `ci/measure-overhead` ask for.
pub mod overhead {
    use std::env;
    use std::error::Error;
    use std::sync::Arc;
    use std::time::Duration;

    /// The organization of the service.
    pub const ORGANIZATION: &str = "6f1a2b3c-4d5e-4f60-8a7b-9c0d1e2f3a4b";
    /// The service.
    pub const SERVICE: &str = "9f3c2a1b-5d4e-4c6f-8b7a-0e1d2c3b4a59";
    /// The key.
    pub const KEY: &str = "a1b2c3d4e5f6a7b8c9d0";
    /// Its secret.
    pub const SECRET: &str = "4b1dexamplesecretexamplesecretexamplesecret";

    /// The server's port, and how often to ask.
    ///
    /// # Errors
    /// When they are not given.
    pub fn arguments() -> Result<(u16, u32), Box<dyn Error>> {
        let [_, port, times] = <[String; 3]>::try_from(env::args().collect::<Vec<_>>())
            .map_err(|_| "give the server's port and how often to ask")?;
        Ok((port.parse()?, times.parse()?))
    }

    /// reqwest's client, TLS set up as the library does, although nothing here is encrypted.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn client() -> Result<reqwest::Client, Box<dyn Error>> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = rustls_platform_verifier::Verifier::new(Arc::clone(&provider))?;
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        Ok(reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .connect_timeout(Duration::from_secs(10))
            .redirect(reqwest::redirect::Policy::none())
            .build()?)
    }
}
