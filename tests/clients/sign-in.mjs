// An OpenID Connect provider that nobody here wrote, with its own pages: whoever types a name is that person.
import Provider from "oidc-provider";

const [port, redirect, audience] = process.argv.slice(2);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: "pages", token_endpoint_auth_method: "none", grant_types: ["authorization_code"], response_types: ["code"], redirect_uris: [redirect] }],
  clientBasedCORS: () => true,
  claims: { openid: ["sub"], profile: ["name"] },
  features: {
    resourceIndicators: {
      enabled: true,
      defaultResource: () => "urn:billing",
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({ scope: "", audience, accessTokenFormat: "jwt", accessTokenTTL: 3600 }),
    },
  },
  extraTokenClaims: (_, token) => ({ roles: token.accountId === "carol" ? ["billing:admin"] : [] }),
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, name: id }) }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
