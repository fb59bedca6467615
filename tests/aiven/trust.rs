//! The project's own authority: it goes with the expectation, so that nobody has to carry it along.

use privlink::core::ErrorKind;
use privlink::{Expectation, Vantage};
use privlink_sim::World;

use super::common::set_up;
use super::{ALL, link};

#[tokio::test(start_paused = true)]
async fn the_projects_own_authority_goes_with_the_expectation() {
    for (pair, service) in ALL {
        let world = World::new();
        let link = link(pair, &world, service);
        set_up(&link).await.unwrap();
        let expectation = link.expectation().await.unwrap();
        assert!(expectation.authorities[0].starts_with("-----BEGIN CERTIFICATE-----"), "{service}");
        let carried: Expectation = serde_json::from_str(&serde_json::to_string(&expectation).unwrap()).unwrap();
        assert_eq!(carried, expectation);
        let proof = pair.vantage(&world).prove(&carried).await.unwrap();
        assert!(link.judge(&expectation, &proof).proved, "{service}");

        // Of before it did, or by a token that may not read it.
        let ignorant = carried.signed_by([]);
        let proof = pair.vantage(&world).prove(&ignorant).await.unwrap();
        let verdict = link.judge(&ignorant, &proof);
        assert_eq!(verdict.findings[0].code, "TLS-004", "{service}: {verdict}");
        assert!(verdict.findings[0].next_step.contains("extra_roots"), "{verdict}");
        world.faults().on("ProjectKmsGetCA").always().status(403);
        assert!(link.expectation().await.unwrap().authorities.is_empty(), "{service}");
        world.faults().clear();
        world.faults().on("ProjectKmsGetCA").always().answer(http::Response::new(bytes::Bytes::from_static(b"{}")));
        assert_eq!(link.expectation().await.unwrap_err().kind(), ErrorKind::UnexpectedResponse, "{service}");
    }
}
