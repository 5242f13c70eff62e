/** pm2 start ecosystem.config.cjs && pm2 save; the same as `pm2 start openclaw -- start` with better manners. */
module.exports = {
  apps: [
    {
      name: "openclaw",
      script: "openclaw",
      args: "start",
      // It finds its Node itself, and one process is all there may be for a state folder.
      interpreter: "none",
      exec_mode: "fork",
      instances: 1,
      autorestart: true,
      exp_backoff_restart_delay: 1000,
      // Only a person can change what 78 means: a config that cannot start.
      stop_exit_codes: [0, 78],
      kill_timeout: 10_000,
      // The gateway writes its own log.
      merge_logs: true,
    },
  ],
};
