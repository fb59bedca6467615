//! Proving a link: what should be seen from inside, what was seen, and what that means.

use std::fmt;
use std::time::{Duration, SystemTime};

use privlink_core::side::{
    Cx, Exchange, Expectation, Layer, Nonce, PortRange, Proof, Rung, RungResult, Step, StepState,
};
use privlink_core::{DnsName, Error, ErrorKind, Finding, PrivateEndpointId, Result, Severity};
use serde::{Deserialize, Serialize};

use crate::Link;
use crate::explain::{explain, is_idle, silent_range};

/// How old a proof may be to close public access with, by the issuer's clock.
pub const MAX_PROOF_AGE: Duration = Duration::from_secs(600);

/// How far two clocks of one party may be apart.
pub(crate) const SKEW: Duration = Duration::from_secs(5);

impl Link {
    /// Proves the link from where the program runs, or from the vantage the link was built
    /// with: name, address, TCP, TLS, protocol.
    ///
    /// The machine's roots are trusted, and the vendor's own authority where its API hands one out (Aiven's); another
    /// one is given to the vantage, as by `Local::builder().extra_roots`.
    ///
    /// Run it inside the network; elsewhere use [`Link::expectation`] and [`Link::judge`].
    ///
    /// # Errors
    /// [`Unsupported`](ErrorKind::Unsupported) without a vantage; whatever
    /// [`Link::expectation`] errs with. What does not hold is in the verdict, not an error.
    pub async fn verify(&self) -> Result<Verdict> {
        self.verify_in(&self.cx()).await
    }

    /// The same in the run of a set.
    pub(crate) async fn verify_in(&self, cx: &Cx) -> Result<Verdict> {
        let (expectation, proof) = self.prove_in(cx).await?;
        Ok(self.judge(&expectation, &proof))
    }

    /// Proves like [`Link::verify`], and gives back what was expected and what was seen: for
    /// [`Link::judge`], [`Link::closing_plan`], or a file.
    ///
    /// # Errors
    /// As [`Link::verify`].
    pub async fn prove(&self) -> Result<(Expectation, Proof)> {
        self.prove_in(&self.cx()).await
    }

    async fn prove_in(&self, cx: &Cx) -> Result<(Expectation, Proof)> {
        let expectation = self.expectation_in(cx).await?;
        let proof = match &self.inner.vantage {
            Some(vantage) => vantage.prove(&expectation).await?,
            None => prove_here(&expectation).await?,
        };
        Ok((expectation, proof))
    }

    /// What should be seen from inside the network: made here with keys, proved inside without. With it goes the
    /// vendor's own [authority](Expectation::authorities), where its API hands one out, so that nobody has to carry that
    /// file along.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) while the link is not set up far enough to be proved, be it that it never
    /// was or that something was taken away since, with the finding that blocks its plan, if one does: what it was is
    /// told by [`Link::diagnose`];
    /// otherwise when a side cannot be read.
    pub async fn expectation(&self) -> Result<Expectation> {
        self.expectation_in(&self.cx()).await
    }

    async fn expectation_in(&self, cx: &Cx) -> Result<Expectation> {
        let plan = self.plan_in(cx).await?;
        let known = &plan.exchange;
        let addresses: Vec<_> = known
            .endpoints
            .values()
            .flat_map(|endpoint| endpoint.addresses.iter().map(|(address, _)| *address))
            .collect();
        if known.names.is_empty() || addresses.is_empty() {
            // What nobody can see may be done.
            let left = |step: &&Step| !matches!(step.state, StepState::AlreadyDone | StepState::Unseen);
            let next = plan.steps.iter().find(left);
            let left = next.map_or_else(String::new, |step| format!(": next would be to {}", step.what));
            let error =
                Error::new(ErrorKind::NotFound, format!("the link is not set up to the end, or no longer is{left}"))
                    .with_resource(self.name().to_string());
            return Err(match plan.blockers().next() {
                Some(blocker) => error.with_finding(blocker.clone()),
                None => error.with_help("apply the plan first: `link.apply(&link.plan().await?)`"),
            });
        }
        let issued_at = self.inner.clock.now();
        let expectation =
            Expectation::new(Nonce::fresh(), issued_at, known.names.clone(), addresses, known.inside.clone());
        let authorities = self.inner.database.authorities(cx).await?;
        Ok(expectation.through(endpoints_of(known)).signed_by(authorities))
    }

    /// What `proof` says about `expectation`. Reads nothing but the clock.
    #[must_use]
    pub fn judge(&self, expectation: &Expectation, proof: &Proof) -> Verdict {
        Verdict::of(expectation, proof, self.inner.clock.now())
    }
}

/// The endpoints that a proof of the link is about, by all of their ids: one that was made anew may
/// keep the first.
pub(crate) fn endpoints_of(known: &Exchange) -> Vec<PrivateEndpointId> {
    known.endpoints.values().flat_map(|endpoint| endpoint.ids.all()).collect()
}

/// What a proof says: every layer held, or where it broke and what to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Verdict {
    /// The version of this form; 1.
    pub version: u16,
    /// Whether every name is reached privately through this endpoint, seen from inside.
    pub proved: bool,
    /// Seconds between issuing the expectation and judging the proof, by the issuer's clock.
    pub age_secs: u64,
    /// Every rung that was climbed.
    pub rungs: Vec<Rung>,
    /// What does not hold, the lowest layer first; of a proved link, what could not be told.
    pub findings: Vec<Finding>,
}

impl Verdict {
    /// What `proof` says about `expectation` at the time `now` of the expectation's issuer, for
    /// whoever has no link at hand.
    #[must_use]
    pub fn of(expectation: &Expectation, proof: &Proof, now: SystemTime) -> Self {
        judge(expectation, proof, now)
    }

    /// Whether the proof is good and young enough to close public access with; see [`MAX_PROOF_AGE`].
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.proved && self.age_secs <= MAX_PROOF_AGE.as_secs()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", if self.proved { "proved" } else { "not proved" })?;
        for rung in &self.rungs {
            let mark = match rung.result {
                RungResult::Held => "ok",
                // Of a proved link, only a port that stands for a wide range.
                _ if self.proved => "idle",
                _ => "BROKEN",
            };
            write!(f, "\n  {mark:<6} {:<8} {}", rung.layer.to_string(), rung.host)?;
            if let Some(port) = rung.port {
                write!(f, ":{port}")?;
            }
            write!(f, "  {}", rung.seen)?;
        }
        for finding in &self.findings {
            write!(f, "\n  {}", finding.to_string().replace('\n', "\n  "))?;
        }
        Ok(())
    }
}

/// Proves from the machine the program runs on, where the program can.
async fn prove_here(expectation: &Expectation) -> Result<Proof> {
    #[cfg(feature = "probe")]
    {
        privlink_probe::prove(expectation).await
    }
    #[cfg(not(feature = "probe"))]
    {
        let _ = expectation;
        Err(Error::new(
            ErrorKind::Unsupported,
            "there is no vantage to look from: set one, or turn on the feature `probe`",
        ))
    }
}

fn judge(expectation: &Expectation, proof: &Proof, now: SystemTime) -> Verdict {
    let age = now.duration_since(expectation.issued_at).unwrap_or_default();
    let mut findings = Vec::new();
    if proof.nonce != expectation.nonce {
        findings.push(
            blocks("PROOF-001", "the proof answers another expectation", "prove this expectation, then judge again")
                .evidence(format!("expected {}, found {}", expectation.nonce, proof.nonce)),
        );
    }
    if expectation.issued_at.duration_since(now).is_ok_and(|ahead| ahead > SKEW) {
        findings.push(blocks(
            "PROOF-004",
            "the expectation was issued in the future, so its age cannot be told",
            "set the clock right, then prove again",
        ));
    }
    findings.extend(names_too_little(expectation));
    let most = most_rungs(expectation);
    let cut = (proof.rungs.len() > most).then(|| {
        findings.push(
            blocks(
                "PROOF-007",
                "the proof tells of more than the expectation asks for, so nothing of it is believed",
                "prove the expectation again; somebody wrote into the file, or it is of another expectation",
            )
            .evidence(format!("{} rungs, where {most} at most are due", proof.rungs.len())),
        );
        let mut cut = proof.clone();
        cut.rungs.truncate(most);
        cut
    });
    let proof = cut.as_ref().unwrap_or(proof);
    let inside = |address| expectation.inside.iter().any(|range| range.contains(address));
    if !expectation.inside.is_empty() && !proof.local.iter().any(inside) {
        let local: Vec<String> = proof.local.iter().map(ToString::to_string).collect();
        findings.push(
            blocks(
                "PROOF-002",
                "the proof was made outside the network, so it says nothing about the inside",
                "run the proof on a machine inside the network",
            )
            .evidence(format!("local addresses: {}", local.join(", "))),
        );
    }
    let (mut idle, mut broken): (Vec<&Rung>, Vec<&Rung>) = proof
        .rungs
        .iter()
        .filter(|rung| rung.result != RungResult::Held)
        .partition(|rung| is_idle(rung, expectation, proof));
    broken.sort_by_key(|rung| rung.layer);
    for rung in broken {
        add(&mut findings, explain(rung, expectation, proof), rung);
    }
    let climbed = |host: &DnsName, port: Option<u16>, layer: Layer| {
        let rungs = || proof.rungs.iter().filter(|rung| rung.host == *host);
        // Below a break nothing is climbed; the break has been told already.
        rungs().any(|rung| rung.port == port && rung.layer == layer && rung.result == RungResult::Held)
            || rungs().any(|rung| (rung.port.is_none() || rung.port == port) && rung.result != RungResult::Held)
    };
    let mut missing = Vec::new();
    for name in &expectation.names {
        for layer in [Layer::Name, Layer::Address] {
            if !climbed(&name.host, None, layer) {
                missing.push(format!("{}: {layer}", name.host));
            }
        }
        for ports in &name.ports {
            let layers: &[Layer] = match ports.protocol.unwrap_or(name.protocol).proves_more_than_tls() {
                _ if ports.is_wide() => &[Layer::Tcp],
                false => &[Layer::Tcp, Layer::Tls],
                true => &[Layer::Tcp, Layer::Tls, Layer::Protocol],
            };
            for port in ports.to_prove() {
                for &layer in layers {
                    if !climbed(&name.host, Some(port), layer) {
                        missing.push(format!("{}:{port}: {layer}", name.host));
                    }
                }
            }
        }
    }
    if !missing.is_empty() {
        missing.dedup();
        let mut finding =
            blocks("PROOF-003", "the proof leaves out a layer that was to be proved", "prove all of it again");
        finding.evidence = missing.into_iter().map(Into::into).collect();
        findings.push(finding);
    }
    let proved = findings.is_empty();
    // A refusal shows an open way; silence may also be a filter.
    idle.retain(|rung| rung.result != RungResult::Refused);
    for rung in idle {
        add(&mut findings, silent_range(), rung);
    }
    Verdict { version: 1, proved, age_secs: age.as_secs(), rungs: proof.rungs.clone(), findings }
}

/// What nothing can be held to is not proved: any private address would do for an endpoint without
/// one, any place for a network without ranges.
fn names_too_little(expectation: &Expectation) -> Option<Finding> {
    let missing = [
        (expectation.inside.is_empty(), "no address range of the network"),
        (expectation.addresses.is_empty(), "no address of the endpoint"),
        (expectation.names.is_empty(), "no name of the database"),
    ];
    let mut finding = blocks(
        "PROOF-006",
        "the expectation does not name all that a proof is held to, so nothing proves it",
        "make the expectation anew with keys that may read the network, its endpoint and the database",
    );
    finding.evidence = missing.into_iter().filter(|(is, _)| *is).map(|(_, what)| what.into()).collect();
    (!finding.evidence.is_empty()).then_some(finding)
}

/// How many rungs an expectation can be answered with: two for a name, three for each of its ports. Whoever answers holds no
/// keys, and is not trusted to keep within what was asked.
fn most_rungs(expectation: &Expectation) -> usize {
    let of_range = |range: &PortRange| 3 * (usize::from(range.first.abs_diff(range.last)) + 1);
    expectation.names.iter().map(|name| 2 + name.ports.iter().map(of_range).sum::<usize>()).sum()
}

/// Adds what was found at `rung`: a finding that is known already gets one more evidence.
fn add(findings: &mut Vec<Finding>, finding: Finding, rung: &Rung) {
    let finding = finding.evidence(match rung.port {
        Some(port) => format!("{}:{port}: {}", rung.host, rung.seen),
        None => format!("{}: {}", rung.host, rung.seen),
    });
    match findings.iter_mut().find(|known| known.code == finding.code) {
        Some(known) => known.evidence.extend(finding.evidence),
        None => findings.push(finding),
    }
}

pub(crate) fn blocks(code: &'static str, summary: &'static str, next: &'static str) -> Finding {
    Finding::new(code, Severity::Blocks, summary, next)
}

#[cfg(test)]
mod tests {
    use privlink_core::side::{PrivateName, Protocol};

    use super::*;

    #[test]
    fn a_proof_of_more_than_was_asked_is_none_and_is_judged_soon() {
        let host: DnsName = "a.example.com".parse().unwrap();
        let name = PrivateName::new(host.clone(), vec![PortRange::single(8443)], Protocol::Tls);
        let (now, nonce) = (SystemTime::UNIX_EPOCH, Nonce::fresh());
        let inside = vec!["10.0.0.0/16".parse().unwrap()];
        let expectation = Expectation::new(nonce, now, vec![name], vec!["10.0.0.5".parse().unwrap()], inside);
        let mut proof = Proof::new(nonce, vec!["10.0.0.9".parse().unwrap()], "10.0.0.2");
        let rung = Rung::new(host, Some(8443), Layer::Tcp, RungResult::TimedOut, "nobody answered");
        proof.rungs = vec![rung.clone(); 5];
        let verdict = Verdict::of(&expectation, &proof, now);
        assert!(verdict.findings.iter().all(|finding| finding.code != "PROOF-007"), "{verdict}");
        // Each of these would be held against all the others.
        proof.rungs = vec![rung; 100_000];
        let began = std::time::Instant::now();
        let verdict = Verdict::of(&expectation, &proof, now);
        assert!(!verdict.proved && verdict.findings[0].code == "PROOF-007", "{verdict}");
        assert_eq!(verdict.rungs.len(), 5);
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    }
}
