/** What a person who reads of a refused or closed connection in the log can do about it. */
export function advice(code: number, detail: string, reason: string): string {
  return BY_DETAIL[detail] ?? BY_CODE[code] ?? (/^pairing required/.test(reason) ? LIST : "openclaw doctor");
}

const LIST = "openclaw devices list";

const BY_DETAIL: Readonly<Record<string, string>> = {
  AUTH_TOKEN_MISSING: "openclaw gateway auth-token --show",
  AUTH_TOKEN_MISMATCH: "openclaw gateway auth-token --show",
  AUTH_PASSWORD_MISSING: "openclaw config get gateway.auth.password",
  AUTH_PASSWORD_MISMATCH: "openclaw config get gateway.auth.password",
  AUTH_DEVICE_TOKEN_MISMATCH: "openclaw devices list; the device has to forget its token or be paired again",
  AUTH_SCOPE_MISMATCH: LIST,
  AUTH_BOOTSTRAP_TOKEN_INVALID: "openclaw qr",
  AUTH_RATE_LIMITED: "wait, then use the right token: openclaw gateway auth-token --show",
  PAIRING_REQUIRED: LIST,
  MISSING_SCOPE: LIST,
  CONTROL_UI_ORIGIN_NOT_ALLOWED:
    "openclaw config set gateway.controlUi.allowedOrigins '[\"<origin of the page>\"]'",
  CONTROL_UI_DEVICE_IDENTITY_REQUIRED: "open the page over HTTPS or on localhost",
  DEVICE_IDENTITY_REQUIRED: "openclaw gateway auth-token --show",
  PROTOCOL_MISMATCH: "openclaw --version",
  AUTH_IDENTITY_HEADER_REQUIRED: "openclaw config get gateway.auth.trustedProxy",
  AUTH_VERIFIED_USER_REQUIRED: "openclaw config get gateway.auth.trustedProxy.allowUsers",
  AUTH_UNAUTHORIZED: "openclaw config get gateway.auth",
};

const BY_CODE: Readonly<Record<number, string>> = {
  1013: "openclaw health --wait 30s",
  4008: "the line before says why it was refused; a page that got no answer at all: openclaw doctor",
  4013: "openclaw health --wait 30s",
};
