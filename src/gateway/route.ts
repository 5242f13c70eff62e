import type { IncomingMessage, ServerResponse } from "node:http";
import type { ClientAddress } from "../access/origin.ts";
import type { GatewayServices } from "./services.ts";

export interface RouteContext {
  services: GatewayServices;
  client: ClientAddress;
  /** True when the caller presented the shared secret (or none is needed). */
  authenticated: boolean;
  url: URL;
  /** The part of the path behind the route's own, percent-decoded; "" for an exact match. */
  rest: string;
  request: IncomingMessage;
  response: ServerResponse;
  /** Aborts when the caller goes away. */
  signal: AbortSignal;
  /** Reads and parses the body within the route's limit; throws HttpRefusal (400, 413, 415). */
  json(): Promise<unknown>;
}

/**
 * One HTTP path. A route without an auth rule and a body limit does not compile.
 * `bearer` accepts only `Authorization: Bearer <secret>`; secrets in URLs are never read.
 */
export interface Route {
  paths: readonly string[];
  /** Also serves everything below its paths. */
  prefix?: true;
  /** Asked about paths that no route has; for those that follow from the config. */
  claims?(pathname: string, services: GatewayServices): boolean;
  methods: readonly ("GET" | "HEAD" | "POST")[];
  auth: "none" | "bearer";
  /** 0: a body is not read at all. */
  maxBodyBytes: number;
  /** Answers although forwarding headers come from an unknown proxy (liveness only). */
  anyProxy?: true;
  run(context: RouteContext): void | Promise<void>;
}

export function defineRoute(route: Route): Route {
  return route;
}

/** Ends a request with a status and a JSON error body; thrown by routes and the body reader. */
export class HttpRefusal extends Error {
  override readonly name = "HttpRefusal";
  readonly status: number;
  readonly type: string;
  readonly headers: Record<string, string>;

  constructor(status: number, type: string, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.type = type;
    this.headers = headers;
  }
}
