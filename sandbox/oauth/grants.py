"""The ways to a token, with the rules that SMART adds to Authlib's."""

import secrets
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError, OAuth2Request, grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.grants import OpenIDCode

from sandbox.oauth.clients import AUTH_METHODS, Client, hashed
from sandbox.oauth.keys import signing_key
from sandbox.oauth.scopes import data_scopes
from sandbox.oauth.tokens import (
    CODE_LIFETIME_S,
    Approval,
    Code,
    Token,
    claim_code,
    claim_refresh,
    revoke_family,
)
from sandbox.system import System, now_s


class CodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib has no types
    """Authorization codes: a minute long, used once; a second use ends what the first gave."""

    TOKEN_ENDPOINT_AUTH_METHODS = list(AUTH_METHODS)

    @property
    def system(self) -> System:
        """The system whose codes these are."""
        found: System = self.server.system
        return found

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        """Keep the code with what the person approved."""
        approval: Approval = request.user
        at = now_s()
        row = (
            hashed(code),
            secrets.token_hex(16),
            request.client.client_id,
            approval.patient,
            approval.scope,
            request.payload.redirect_uri,
            request.payload.data.get("code_challenge", ""),
            request.payload.data.get("nonce", ""),
            at,
            at + CODE_LIFETIME_S,
            0,
        )
        with self.system.store.writing() as db:
            db.execute("INSERT INTO code VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        """Find a code that may still be exchanged; a replay revokes its tokens."""
        with self.system.store.writing() as db:
            found = Code.find(db, code)
            if found is None or found.client_id != client.client_id:
                return None
            if found.used:
                revoke_family(db, found.family)
                return None
        return found if found.expires_at > now_s() else None

    def authenticate_user(self, authorization_code: Code) -> Approval | None:
        """Use the code up; only the one who did so gets tokens."""
        with self.system.store.writing() as db:
            if not claim_code(db, authorization_code):
                revoke_family(db, authorization_code.family)
                return None
        return Approval(authorization_code.patient, authorization_code.scope)

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """Keep the used code, so that a replay is noticed."""

    def generate_token(
        self, user: Approval, scope: str, *, include_refresh_token: bool
    ) -> dict[str, Any]:
        """Give a refresh token only when lasting access was granted."""
        lasting = include_refresh_token and "offline_access" in scope.split()
        made: dict[str, Any] = super().generate_token(
            user=user, scope=scope, include_refresh_token=lasting
        )
        return made


class RefreshGrant(grants.RefreshTokenGrant):  # type: ignore[misc]  # Authlib has no types
    """Refresh tokens that rotate; using an old one ends the whole family."""

    TOKEN_ENDPOINT_AUTH_METHODS = list(AUTH_METHODS)
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> Token | None:
        """Find a refresh token that may be used; reuse revokes."""
        with self.server.system.store.writing() as db:
            found = Token.find(db, refresh_token)
            if found is None or found.shown != "refresh":
                return None
            if found.refresh_used:
                revoke_family(db, found.family)
        return None if found.is_expired() or found.is_revoked() else found

    def authenticate_user(self, refresh_token: Token) -> Approval:
        """Use the token up; only the one who did so gets the next."""
        with self.server.system.store.writing() as db:
            claimed = claim_refresh(db, refresh_token)
            if not claimed:
                revoke_family(db, refresh_token.family)
        if not claimed:
            raise InvalidGrantError()
        return Approval(refresh_token.patient, refresh_token.scope)

    def revoke_old_credential(self, refresh_token: Token) -> None:
        """Do nothing more: it was used up before the new one was made."""


class BackendGrant(grants.ClientCredentialsGrant):  # type: ignore[misc]  # Authlib has no types
    """SMART Backend Services: a signed assertion and nothing else."""

    TOKEN_ENDPOINT_AUTH_METHODS = ["private_key_jwt"]


class S256Only(CodeChallenge):  # type: ignore[misc]  # Authlib has no types
    """PKCE for every client, and never `plain`."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]

    def validate_code_challenge(self, grant: CodeGrant, redirect_uri: str) -> None:
        """Refuse a request without a proper challenge."""
        data = grant.request.payload.data
        if not data.get("code_challenge") or data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("PKCE with S256 is required.")
        super().validate_code_challenge(grant, redirect_uri)


class SmartLaunch:
    """What SMART adds: `aud` and `state` asked for, the patient told with the token."""

    def __call__(self, grant: CodeGrant) -> None:
        """Hang the checks on a grant."""
        grant.register_hook("after_validate_authorization_request_payload", self.check_request)
        grant.register_hook("after_create_token_response", add_patient)

    def check_request(self, grant: CodeGrant, _: object) -> None:
        """Refuse a request meant for another server, or one that cannot be tied to its answer."""
        data = grant.request.payload.data
        if data.get("aud", "").rstrip("/") != grant.system.fhir_base:
            raise InvalidRequestError("'aud' must be the FHIR base URL of this server.")
        if not data.get("state"):
            raise InvalidRequestError("'state' is required.")


def add_patient(grant: CodeGrant | RefreshGrant, answer: tuple[int, dict[str, Any], Any]) -> None:
    """Put the patient into the token answer, when some of the record was granted."""
    _, token, _ = answer
    approval: Approval = grant.request.user
    granted = token.get("scope", "")
    about_patient = [scope for scope in data_scopes(granted) if scope.context == "patient"]
    if about_patient or "launch/patient" in granted.split():
        token["patient"] = approval.patient


def patient_on_refresh(grant: RefreshGrant) -> None:
    """Tell the patient at each refresh too."""
    grant.register_hook("after_create_token_response", add_patient)


class IdToken(OpenIDCode):  # type: ignore[misc]  # Authlib has no types
    """The id token: who signed in, as a FHIR resource."""

    def __init__(self, system: System) -> None:
        """Sign with the key of one system."""
        super().__init__()
        self.system = system
        self.key = signing_key(system.store)

    def exists_nonce(self, nonce: str, request: OAuth2Request) -> bool:
        """Refuse a nonce that the client used before."""
        sql = "SELECT 1 FROM code WHERE client_id = ? AND nonce = ?"
        with self.system.store.reading() as db:
            return db.execute(sql, (request.payload.client_id, nonce)).fetchone() is not None

    def resolve_client_private_key(self, _: Client) -> object:
        """Sign with the server's own key."""
        return self.key

    def get_encode_header(self, _: Client) -> dict[str, str]:
        """Name the key."""
        return {"alg": "RS256", "kid": str(self.key.kid)}

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        """Say who speaks, and to whom."""
        return {"iss": self.system.fhir_base, "aud": client.client_id}

    def generate_user_info(self, user: Approval, scope: str) -> dict[str, str]:
        """Say who signed in."""
        info = {"sub": hashed(f"{self.system.fhir_base} {user.patient}")[:32]}
        if "fhirUser" in scope.split():
            info["fhirUser"] = f"{self.system.fhir_base}/Patient/{user.patient}"
        return info
