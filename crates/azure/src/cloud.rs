//! The clouds Azure runs: where the resource manager answers, and who gives tokens for it.

use privlink_core::Result;
use privlink_core::transport::BaseUrl;

/// One of Azure's clouds, or an address of one's own.
///
/// ```
/// use privlink_azure::Cloud;
///
/// assert_eq!(Cloud::public().scope(), "https://management.azure.com/.default");
/// assert_eq!(Cloud::us_government().authority(), "https://login.microsoftonline.us");
/// let test = Cloud::custom("http://127.0.0.1:8080")?;
/// assert_eq!(test.resource_manager(), "http://127.0.0.1:8080");
/// // Credentials travel over plain http to this machine alone.
/// assert!(Cloud::custom("http://10.0.0.1").is_err());
/// # Ok::<(), privlink_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cloud {
    base: BaseUrl,
    scope: String,
    authority: String,
}

impl Cloud {
    /// The public cloud.
    #[must_use]
    pub fn public() -> Self {
        Self::known("https://management.azure.com", "https://login.microsoftonline.com")
    }

    /// Azure Government.
    #[must_use]
    pub fn us_government() -> Self {
        Self::known("https://management.usgovcloudapi.net", "https://login.microsoftonline.us")
    }

    /// Azure in China, run by 21Vianet.
    #[must_use]
    pub fn china() -> Self {
        Self::known("https://management.chinacloudapi.cn", "https://login.chinacloudapi.cn")
    }

    /// A resource manager at an address of one's own: a test server, a private gateway, Azure
    /// Stack. Tokens are of the public cloud and their scope is the address and `/.default`,
    /// unless [`Cloud::with_scope`] and [`Cloud::with_authority`] say otherwise.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](privlink_core::ErrorKind::InvalidInput) unless the address is
    /// `https`, or `http` on this machine, without credentials, query or fragment.
    pub fn custom(base: &str) -> Result<Self> {
        let base: BaseUrl = base.trim().parse()?;
        Ok(Self { scope: scope_of(&base), base, authority: Self::public().authority })
    }

    /// The cloud as Azure's command line and Terraform name it: `AzureCloud` or `public`,
    /// `AzureUSGovernment` or `usgovernment`, `AzureChinaCloud` or `china`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name.trim().to_ascii_lowercase().as_str() {
            "azurecloud" | "azurepubliccloud" | "public" => Some(Self::public()),
            "azureusgovernment" | "azureusgovernmentcloud" | "usgovernment" => Some(Self::us_government()),
            "azurechinacloud" | "china" => Some(Self::china()),
            _ => None,
        }
    }

    /// Sets the scope that tokens are asked for.
    #[must_use]
    pub fn with_scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }

    /// Sets the address of the authority that gives tokens.
    #[must_use]
    pub fn with_authority(mut self, authority: impl Into<String>) -> Self {
        self.authority = authority.into();
        self
    }

    /// The address of the resource manager, without a slash at its end.
    #[must_use]
    pub fn resource_manager(&self) -> &str {
        self.base.as_str()
    }

    /// The scope that tokens are asked for.
    #[must_use]
    pub fn scope(&self) -> &str {
        &self.scope
    }

    /// The address of the authority that gives tokens.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    pub(crate) fn base(&self) -> &BaseUrl {
        &self.base
    }

    fn known(base: &'static str, authority: &str) -> Self {
        let base: BaseUrl = base.parse().expect("a constant that is well-formed");
        Self { scope: scope_of(&base), base, authority: authority.to_owned() }
    }
}

impl Default for Cloud {
    fn default() -> Self {
        Self::public()
    }
}

fn scope_of(base: &BaseUrl) -> String {
    format!("{}/.default", base.as_str())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn each_cloud_has_its_own_addresses() {
        let table = [
            ("AzureCloud", "https://management.azure.com", "https://login.microsoftonline.com"),
            ("usgovernment", "https://management.usgovcloudapi.net", "https://login.microsoftonline.us"),
            ("AzureChinaCloud", "https://management.chinacloudapi.cn", "https://login.chinacloudapi.cn"),
        ];
        for (name, base, authority) in table {
            let cloud = Cloud::named(name).unwrap();
            assert_eq!((cloud.resource_manager(), cloud.authority()), (base, authority));
            assert_eq!(cloud.scope(), format!("{base}/.default"));
        }
        assert_eq!(Cloud::named("AzureGermanCloud"), None);
    }

    #[test]
    fn an_address_that_would_give_credentials_away_is_refused() {
        for good in ["https://arm.example.com/gateway/", "http://127.0.0.1:8080", "http://[::1]:80", "http://localhost"]
        {
            assert!(Cloud::custom(good).is_ok(), "{good}");
        }
        for bad in [
            "http://arm.example.com",
            "http://10.0.0.1",
            "ftp://localhost",
            "https://user:hunter2@a.example",
            "https://a/?b=c",
            "arm",
        ] {
            let error = Cloud::custom(bad).expect_err(bad);
            assert!(!error.to_string().contains("hunter2"));
        }
    }
}
