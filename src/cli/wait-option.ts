/** For commands that start a gateway. */
export const waitOption = {
  wait: {
    type: "duration",
    bareUnit: "s",
    default: 60_000,
    summary: "how long it may take to become ready (60s)",
  },
} as const;
