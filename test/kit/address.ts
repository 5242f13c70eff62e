import { networkInterfaces } from "node:os";

/** An address of this machine that is not loopback, for clients that are to count as being elsewhere. */
export const outerAddress: string | undefined = Object.values(networkInterfaces())
  .flatMap((cards = []) => cards)
  .find(({ family, internal }) => family === "IPv4" && !internal)?.address;

/** Why tests over the network are skipped here, or false. */
export const noOuterAddress: string | false =
  outerAddress === undefined && process.env.OPENCLAW_TEST_REQUIRE_SYSTEM !== "1"
    ? "this machine has no address but loopback"
    : false;
