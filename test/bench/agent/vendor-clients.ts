import { CLAUDE_CODE_DIALECT, CLAUDE_CODE_WITHOUT_GREP, CODEX_DIALECT } from './dialect.ts'
import type { Client } from './run-client.ts'
import { TASK_PROMPT } from './task.ts'

/**
 * Claude Code as it comes, or with its six tools for code and nothing else: as lean as it gets with all that the
 * task needs.
 */
export function claudeCode(command: string, { tools }: { readonly tools: 'six' | 'default' }): Client {
  const lean = ['--disable-slash-commands', '--tools', 'Bash,Read,Edit,Write,Grep,Glob']
  const shared = ['--setting-sources', 'user', '--strict-mcp-config', '--no-session-persistence']
  return {
    command,
    dialect: tools === 'six' ? CLAUDE_CODE_DIALECT : CLAUDE_CODE_WITHOUT_GREP,
    args: () => [
      ...['-p', TASK_PROMPT, '--output-format', 'stream-json', '--verbose', '--model', 'claude-opus-5-5'],
      ...['--permission-mode', 'bypassPermissions', ...shared, ...(tools === 'six' ? lean : [])],
    ],
    env: (origin) => ({
      ANTHROPIC_BASE_URL: origin,
      ANTHROPIC_AUTH_TOKEN: 'bench',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      DISABLE_TELEMETRY: '1',
      IS_SANDBOX: '1',
    }),
  }
}

export function codex(command: string): Client {
  const provider = (origin: string) =>
    `{name="bench",base_url="${origin}/v1",env_key="BENCH_KEY",wire_api="responses",request_max_retries=0,stream_max_retries=0}`
  return {
    command,
    dialect: CODEX_DIALECT,
    args: (origin) => [
      ...['exec', '--json', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox'],
      ...[
        '-m',
        'gpt-6.1-sol',
        '-c',
        'model_provider=bench',
        '-c',
        `model_providers.bench=${provider(origin)}`,
      ],
      ...['-c', 'analytics.enabled=false', '-c', 'check_for_update_on_startup=false', TASK_PROMPT],
    ],
    env: () => ({ BENCH_KEY: 'bench' }),
  }
}
