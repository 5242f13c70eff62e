import type { Connection } from "./connection.ts";
import type { AnyMethod, MethodEntry } from "./method.ts";

const LOADED = new Map<string, AnyMethod>();

/**
 * The method, loaded with its first call; at once where it is there already. Requests of one connection begin in the
 * order they came in: a subscription that is loaded first is in force before the message that follows it.
 */
export function loadMethod(entry: MethodEntry, connection: Connection): AnyMethod | Promise<AnyMethod> {
  const known = LOADED.get(entry.name);
  if (known && !connection.loading) return known;
  const load = async (): Promise<AnyMethod> => {
    const method = LOADED.get(entry.name) ?? ((await entry.load()).default as AnyMethod);
    LOADED.set(entry.name, method);
    return method;
  };
  const loading = connection.loading ? connection.loading.then(load, load) : load();
  connection.loading = loading;
  const done = () => {
    if (connection.loading === loading) connection.loading = undefined;
  };
  loading.then(done, done);
  return loading;
}
