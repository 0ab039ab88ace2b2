/**
 * Every environment variable that Backspace reads, with its default and its meaning. Tests compare README,
 * docs/configuration.md and `.env.example` with this list. Where Probot or an SDK has a name for a setting, Backspace
 * uses that name.
 */
export const VARIABLES = {
  APP_ID: text('GitHub App id'),
  PRIVATE_KEY: text("The App's private key (PEM; literal `\\n` and base64 are accepted)"),
  PRIVATE_KEY_PATH: text("File that holds the App's private key, instead of `PRIVATE_KEY`"),
  WEBHOOK_SECRET: text("The App's webhook secret; required with `APP_ID`"),
  WEBHOOK_PATH: text('Path that GitHub delivers webhooks to', '/api/github/webhooks'),
  GITHUB_CLIENT_ID: text("The App's client id, for “Sign in with GitHub”"),
  GITHUB_CLIENT_SECRET: text("The App's client secret; required with `GITHUB_CLIENT_ID`"),
  GITHUB_PAT: text('Personal access token of GitHub; enough for `POST /code` without an App'),
  GHE_HOST: text('Host of a GitHub Enterprise Server, instead of github.com'),
  GHE_PROTOCOL: text('`https` or `http`, with `GHE_HOST`', 'https'),
  ANTHROPIC_API_KEY: text('API key for Claude, which Backspace asks first'),
  ANTHROPIC_BASE_URL: text('Another address for the Anthropic API'),
  OPENAI_API_KEY: text('API key for OpenAI, which Backspace asks if Claude is unavailable'),
  OPENAI_BASE_URL: text('Another address for the OpenAI API'),
  COMPATIBLE_BASE_URL: text(
    'Address of a server that speaks OpenAI’s Chat Completions, with its path (`http://127.0.0.1:11434/v1`), for `compatible:<model id>`; `COMPATIBLE_<NAME>_BASE_URL` adds another server, for `compatible-<name>:<model id>`',
  ),
  COMPATIBLE_API_KEY: text('Its API key, if it needs one; `COMPATIBLE_<NAME>_API_KEY` for another server'),
  AWS_REGION: text(
    'Region of Amazon Bedrock, for `bedrock:<model id>`; credentials come from where the AWS command line finds them',
  ),
  ANTHROPIC_BEDROCK_BASE_URL: text('Another address for Amazon Bedrock'),
  CLOUD_ML_REGION: text(
    'Region of Vertex AI, for `vertex:<model id>`; credentials come from where Google’s command line finds them',
  ),
  ANTHROPIC_VERTEX_PROJECT_ID: text('Google Cloud project of Vertex AI'),
  ANTHROPIC_VERTEX_BASE_URL: text('Another address for Vertex AI'),
  BACKSPACE_MODELS: text(
    'Models in the order Backspace tries them, comma-separated `provider:id`; the providers are `anthropic`, `openai`, `bedrock`, `vertex`, `compatible` and `compatible-<name>`',
    'anthropic:claude-opus-5-5,anthropic:claude-sonnet-5-5,openai:gpt-6-sol',
  ),
  BACKSPACE_PRICES: text(
    'Prices of models that Backspace has none for, comma-separated `provider:id=input/output`, or `input/output/cache read/cache write`, in dollars per million tokens',
  ),
  BACKSPACE_AGENT: text(
    'Agent that does the work when neither the request nor `agent` in `.github/backspace.yml` names one: `builtin`, `claude-code` (Claude Code, which you install: `npm run install-claude-code`) or `dummy` (no model)',
    'builtin',
  ),
  BACKSPACE_AGENTS: text(
    'Agents that a request or a repository may choose, comma-separated; empty allows no choice',
    'builtin,claude-code,dummy',
  ),
  CLAUDE_CODE_PATH: text(
    'Path of Claude Code for local sandboxes, if it is not where `npm run install-claude-code` puts it; for E2B, Claude Code is part of the template',
  ),
  E2B_API_KEY: text('API key for E2B, whose cloud sandboxes run the code of every repository'),
  E2B_API_URL: text('Another address for the E2B control plane'),
  E2B_SANDBOX_URL: text('Another address for E2B sandboxes'),
  E2B_TEMPLATE: text('E2B template that sandboxes start from', 'base'),
  E2B_TEMPLATES: text(
    'Other E2B templates that a repository may choose with `template` in `.github/backspace.yml`, comma-separated',
  ),
  E2B_MAX_SANDBOXES: text('Sandboxes at once that your E2B plan allows; further runs wait for one', '20'),
  E2B_CREATES_PER_SECOND: text('New sandboxes per second that your E2B plan allows', '1'),
  BACKSPACE_SANDBOX: text(
    '`auto` (E2B with a key, else local), `e2b`, `local` (bubblewrap) or `unconfined` (no isolation: only for code you trust)',
    'auto',
  ),
  BACKSPACE_EGRESS: text(
    'Hosts that code in the sandbox may reach, comma-separated; empty means none. `registries` means the common package registries, and those of the ecosystems that the repository uses',
    'registries',
  ),
  BACKSPACE_REPOSITORY_EGRESS: text(
    'Further hosts that a repository may open for itself with `egress` in `.github/backspace.yml`, comma-separated',
  ),
  BACKSPACE_SANDBOX_MEMORY_GIB: text(
    'GiB of memory that all processes of one local sandbox may use together; a sandbox that uses more is ended',
    '8',
  ),
  BACKSPACE_SANDBOX_DISK_GIB: text('GiB of disk for one local sandbox; one that uses more is ended', '10'),
  BACKSPACE_PAUSE_HOURS: text(
    'Hours that the E2B sandbox of a run stays paused after the run ends with a question or a plan; 0 ends the sandbox at once',
    '24',
  ),
  BACKSPACE_SETUP_CACHE: text(
    'Sets of installed dependencies that the setup cache keeps for later runs; 0 switches the cache off',
    '50',
  ),
  BACKSPACE_SETUP_CACHE_GIB: text('GiB of disk for the setup cache; E2B does not report sizes', '20'),
  BACKSPACE_SETUP_CACHE_DAYS: text('Days without use after which the cache drops a set', '14'),
  BACKSPACE_VERIFY: text(
    'What Backspace verifies in clean sandboxes before it publishes a change: `full`, `checks` (only that the checks pass) or `off`; `verify` in `.github/backspace.yml` can ask for less',
    'full',
  ),
  BACKSPACE_VERIFY_MINUTES: text('Minutes per run for verification, besides all other limits', '10'),
  BACKSPACE_TRANSPORT: text(
    'How code gets into the sandbox: `clone` (E2B fetches with a short-lived read token), `upload` (the host fetches) or `auto` (clone on github.com, else upload)',
    'auto',
  ),
  LANGSMITH_API_KEY: text('API key for LangSmith, which gets one trace per run'),
  LANGSMITH_ENDPOINT: text('Another address for LangSmith', 'https://api.smith.langchain.com'),
  LANGSMITH_PROJECT: text('LangSmith project that traces go to', 'backspace'),
  LANGSMITH_TRACE_PRIVATE: text('Private repositories to trace as well: `acme/*`, or `true` for all'),
  OTEL_EXPORTER_OTLP_ENDPOINT: text(
    'Address of an OpenTelemetry collector (`http://127.0.0.1:4318`), which gets one trace per run; Backspace adds `/v1/traces`',
  ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: text('The same for traces alone, with the full path'),
  OTEL_EXPORTER_OTLP_HEADERS: text('Headers for the collector, `name=value`, comma-separated'),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: text('Further headers, sent with traces'),
  OTEL_EXPORTER_OTLP_PROTOCOL: text('Only `http/protobuf` is supported', 'http/protobuf'),
  OTEL_EXPORTER_OTLP_TIMEOUT: text('Milliseconds that one export may take', '10000'),
  OTEL_SERVICE_NAME: text('Name of this service in traces; `backspace` if not set'),
  OTEL_RESOURCE_ATTRIBUTES: text('Further attributes of this service, `name=value`, comma-separated'),
  OTEL_TRACES_SAMPLER: text(
    'Which runs are traced: `always_on`, `always_off` or `traceidratio`, each also with `parentbased_`',
    'parentbased_always_on',
  ),
  OTEL_TRACES_SAMPLER_ARG: text('Share of runs that `traceidratio` traces, 0 to 1'),
  OTEL_TRACES_EXPORTER: text('`otlp`, or `none` for no OpenTelemetry traces', 'otlp'),
  OTEL_SDK_DISABLED: text('`true` switches OpenTelemetry off', 'false'),
  OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: text(
    '`true` puts prompts, answers, and arguments and results of tools into OpenTelemetry traces, with secrets masked',
    'false',
  ),
  BACKSPACE_OTEL_TRACE_PRIVATE: text(
    'Private repositories to trace with OpenTelemetry as well: `acme/*`, or `true` for all',
  ),
  HOST: text('Address to listen on', '127.0.0.1'),
  PORT: text('Port to listen on', '3000'),
  PUBLIC_URL: text(
    'Address of this service as people reach it; without it, comments and pull requests have no links to runs',
  ),
  API_TOKENS: text(
    'API tokens with every right on every repository and without expiry, comma-separated `name=token` or `token`, 16 characters or more. `npm run token` creates tokens with narrower rights',
  ),
  OPERATORS: text(
    'People who see the runs of every repository and the setup page once they have signed in, comma-separated GitHub logins, or account ids, which stay the same when an account is renamed',
  ),
  BACKSPACE_URL: text(
    'Address of the Backspace that `npm run code` uses, instead of the one on this machine',
  ),
  BACKSPACE_TOKEN: text('API token that `npm run code` and `npm run watch` send'),
  BACKSPACE_TRUST_LOCAL_CALLERS: text(
    '`yes`: callers on this machine need no token until one exists, even if `HOST` or `PUBLIC_URL` says that others can reach the service',
    'no',
  ),
  BACKSPACE_TRUSTED_PROXIES: text(
    'Proxies whose `X-Forwarded-For` Backspace trusts, comma-separated addresses or ranges (`10.0.0.0/8`)',
  ),
  BACKSPACE_MAX_STREAMS: text(
    'Event streams at once per API token; one address may have twice as many',
    '50',
  ),
  DATABASE_URL: text('PostgreSQL, for more than one process; without it PGlite in `DATA_DIR`'),
  DATA_DIR: text(
    'Directory of the embedded database, of caches, and of the App that `/setup` created',
    '.data',
  ),
  BACKSPACE_LINK_HOSTS: text(
    'Hosts that a model’s text may link to in comments and pull requests, besides GitHub’s and those of the request and the repository’s homepage; `*` for all. Links to other hosts are shown as plain text',
  ),
  BACKSPACE_BRANCH_PREFIX: text(
    'Start of the names of new branches; `branch-prefix` in `.github/backspace.yml` takes precedence',
    'backspace/',
  ),
  BACKSPACE_LABEL: text('Label that starts a run on an issue', 'backspace'),
  BACKSPACE_DEPLOYMENT: text('Name of this installation; marks its sandboxes', 'default'),
  BACKSPACE_ROLE: text(
    '`all`, `web` (listens and queues) or `worker` (executes runs); `web` and `worker` need `DATABASE_URL`',
    'all',
  ),
  BACKSPACE_CONCURRENCY: text('Runs at once in this process', '4'),
  BACKSPACE_GRACE_SECONDS: text(
    'Seconds that your host waits between SIGTERM and killing the process. Runs continue until ten seconds before the kill, and are then handed over',
    '30',
  ),
  BACKSPACE_FUNCTION_SECONDS: text(
    'Vercel: seconds that one call of the function may take, which your plan limits; read when the function is built',
    '300',
  ),
  BACKSPACE_FUNCTION_WORKERS: text(
    'Vercel: runs at once on functions, for a deployment without a separate worker; needs `CRON_SECRET` and E2B',
    '0',
  ),
  BACKSPACE_FUNCTION_CRON: text(
    'Vercel: how often a call looks for unfinished work, with `BACKSPACE_FUNCTION_WORKERS`; read when the function is built',
    '* * * * *',
  ),
  CRON_SECRET: text(
    'Vercel: secret that Vercel itself sends with its calls to `/internal/work`, 16 characters or more',
  ),
  VERCEL_PROJECT_PRODUCTION_URL: text(
    'Set by Vercel: the host of this service, used if `PUBLIC_URL` is not set',
  ),
  BACKSPACE_MAX_RUNS: text('Runs at once in the whole deployment', '50'),
  BACKSPACE_MAX_RUNS_PER_REPOSITORY: text('Runs at once per repository', '4'),
  BACKSPACE_MAX_RUNS_PER_INSTALLATION: text(
    'Runs at once per installation (the owner of the repository)',
    '10',
  ),
  BACKSPACE_MAX_QUEUED: text('Runs that may wait; further requests are refused', '5000'),
  BACKSPACE_RUNS_PER_HOUR: text('Runs that one person or API token may request per hour', '60'),
  BACKSPACE_MAX_STEPS: text('Model turns per run', '120'),
  BACKSPACE_MAX_MINUTES: text(
    'Minutes per run for the agent; setup and checks have their own limits, none above this one',
    '30',
  ),
  BACKSPACE_SETUP_MINUTES: text(
    'Minutes for setup; `setup-minutes` in `.github/backspace.yml` changes it for a repository',
    '10',
  ),
  BACKSPACE_MAX_SETUP_MINUTES: text('Most minutes for setup that a repository may ask for', '20'),
  BACKSPACE_CHECK_MINUTES: text(
    'Minutes for each check; `check-minutes` in `.github/backspace.yml` changes it for a repository. After the change, a check gets at least twice the time that it took before',
    '5',
  ),
  BACKSPACE_MAX_CHECK_MINUTES: text(
    'Most minutes for a check that a repository may ask for; also the limit for all checks together, once before the change and once after it',
    '15',
  ),
  BACKSPACE_MAX_TOKENS: text('Tokens per run, including those read from a cache', '10000000'),
  BACKSPACE_MAX_FILE_MEGABYTES: text(
    'MiB of the largest file that a run may publish, lock files included; a larger file is left out, and the pull request says so',
    '10',
  ),
  BACKSPACE_MAX_LINES: text(
    'Lines that a run may change, lock files not counted; of a larger change, the files with the most changed lines are left out, and the pull request says so',
    '20000',
  ),
  BACKSPACE_MAX_LFS_MEGABYTES: text(
    'MiB of Git LFS files that a sandbox gets, the smallest first; the others stay pointers, and the run says so. 0: all stay pointers',
    '100',
  ),
  BACKSPACE_BUDGET_USD: text('Dollars per run', '5'),
  BACKSPACE_DAILY_USD_PER_REPOSITORY: text('Dollars per day (UTC) and repository', '100'),
  BACKSPACE_DAILY_USD_PER_INSTALLATION: text('Dollars per day (UTC) and installation', '300'),
  BACKSPACE_KEEP_EVENTS_DAYS: text('Days that events and transcripts of ended runs are kept', '30'),
  BACKSPACE_KEEP_RUNS_DAYS: text('Days that ended runs are kept', '365'),
  BACKSPACE_KEEP_DELIVERIES_DAYS: text('Days that webhooks are kept', '14'),
  BACKSPACE_KEEP_AUDIT_DAYS: text('Days that the audit log is kept; 0: forever', '365'),
  BACKSPACE_BACKUPS: text('Daily backups kept in `DATA_DIR/backups`; 0 switches them off', '7'),
  LOG_LEVEL: text('`trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`', 'info'),
} as const satisfies Record<string, Variable>

export type VariableName = keyof typeof VARIABLES

interface Variable {
  readonly about: string
  readonly default: string | undefined
}

function text(about: string, fallback?: string): Variable {
  return { about, default: fallback }
}
