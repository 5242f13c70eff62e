import { mainPort } from "../access/bind.ts";
import type { Config } from "../config/schema.ts";
import type { Observation } from "../doctor/finding.ts";
import { disableCommand, judgeDrift } from "../doctor/service-drift.ts";
import type { Env } from "../platform/env.ts";
import { shownCommand } from "../platform/gateway-command.ts";
import type { Paths } from "../platform/paths.ts";
import { type InstalledService, installedServices } from "../platform/service/installed.ts";
import { serviceMachine } from "../platform/service/machine.ts";
import { managerHere, managerOf, ownService } from "../platform/service/own-service.ts";
import { pathsOf, pinnedPort } from "../platform/service/recorded.ts";
import type { ServiceState } from "../platform/service/service-manager.ts";
import { PRODUCT_VERSION } from "../protocol/version.ts";
import { no, type Sighting, unknown, yes } from "./gateway-probe-facet.ts";
import { stateText } from "./service-state-text.ts";

/** A definition by which a supervisor runs a gateway, as a report shows it. */
export interface ServiceView extends Pick<InstalledService, "manager" | "level" | "name" | "file"> {
  /** Which config it would use; undefined where its variables cannot be used. */
  configPath?: string;
  /** The port that is written into it. */
  port?: number;
  state: ServiceState;
}

export interface OtherService {
  file: string;
  command: string;
  /** How to be rid of it. */
  disable: string;
}

/** A difference, in the words of the doctor. */
export interface ServiceDrift {
  id: string;
  title: string;
  evidence: readonly string[];
  fix: string;
}

export interface ServiceLook {
  service: Sighting;
  serviceConfig: Sighting;
  /** The one of this state folder's profile. */
  ours?: ServiceView;
  /** Where ours was given something else than commands use. */
  drift: ServiceDrift[];
  /** Only where one looked deep. */
  others: OtherService[];
}

export interface ServiceQuestion {
  env: Env;
  paths: Paths;
  /** Undefined where it cannot be read. */
  config?: Config;
  /** Also definitions whose name says nothing. */
  deep: boolean;
  signal: AbortSignal;
}

export async function lookAtServices(question: ServiceQuestion): Promise<ServiceLook> {
  const { env, paths, deep, signal, config } = question;
  const machine = serviceMachine(env, signal);
  if (!managerHere(machine)) {
    const sighting = unknown("this system has no supervisor that is known here");
    return { service: sighting, serviceConfig: sighting, drift: [], others: [] };
  }
  const all = installedServices({ host: machine.host, env, deep });
  const ours = ownService(all, paths, machine);
  const others = deep ? all.filter((each) => each !== ours).map(otherService) : [];
  if (!ours) {
    const none = "no service is installed";
    return { service: no(none), serviceConfig: unknown(none), drift: [], others };
  }
  const state = await managerOf(ours).state(ours, machine);
  const configPath = pathsOf(ours)?.configPath;
  const port = pinnedPort(ours);
  const { manager, level, name, file } = ours;
  return {
    service: serviceSighting(ours, state),
    serviceConfig: configSighting(configPath, paths),
    ours: {
      ...{ manager, level, name, file },
      ...(configPath !== undefined && { configPath }),
      ...(port !== undefined && { port }),
      state,
    },
    drift: await inWords(
      judgeDrift(ours, { paths, version: PRODUCT_VERSION, ...(config && { port: mainPort(config, paths) }) }),
    ),
    others,
  };
}

/** The list of known failures is large, and mostly there is nothing to say. */
async function inWords(observed: readonly Observation[]): Promise<ServiceDrift[]> {
  if (observed.length === 0) return [];
  const { findEntry } = await import("../doctor/catalogue.ts");
  return observed.map(({ id, title, evidence, fix }) => {
    const entry = findEntry(id);
    return { id, evidence, title: title ?? entry?.title ?? id, fix: fix ?? entry?.fix ?? "openclaw doctor" };
  });
}

function otherService(service: InstalledService): OtherService {
  return {
    file: service.file,
    command: shownCommand(service.argv),
    disable: disableCommand(service),
  };
}

function serviceSighting({ manager, level, name }: InstalledService, state: ServiceState): Sighting {
  const which = `${manager} ${level} service ${name}`;
  if (state.runtime === "unknown") return unknown(`${which} is installed; ${manager} does not answer`);
  const text = `${which}: ${stateText(state)}`;
  return state.runtime === "running" ? yes(text) : no(text);
}

function configSighting(configPath: string | undefined, paths: Paths): Sighting {
  if (configPath === undefined) return unknown("the variables of the service cannot be used");
  return configPath === paths.configPath
    ? yes(configPath)
    : no(`the service uses ${configPath}, this command ${paths.configPath}`);
}
