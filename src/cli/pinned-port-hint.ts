import { pinnedPort } from "../platform/service/recorded.ts";
import { managedService, type ServiceContext } from "./service-desk.ts";

/** A service was written with the port of that time and goes on with it; true where that is another one. */
export function hintPinnedPort(port: unknown, context: ServiceContext): boolean {
  const service = managedService(context);
  const pinned = service && pinnedPort(service);
  if (pinned === undefined || pinned === port) return false;
  context.io.note(
    `notice: the service ${service!.name} listens on ${pinned} until it is written anew: openclaw doctor --fix && openclaw restart`,
  );
  return true;
}
