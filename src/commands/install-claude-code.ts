import { stat } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { CLAUDE_CODE_VERSION, claudeCodeDirectory } from '../agent/claude-code/claude-command.ts'
import { dataDirectory } from '../config.ts'
import { fetchClaudeCode } from './install/fetch-claude-code.ts'
import { runFromTerminal } from './terminal/service/from-terminal.ts'

const USAGE = `npm run install-claude-code            installs Claude Code for local sandboxes, below DATA_DIR
npm run install-claude-code -- --e2b   prints the line for your E2B template`

const LICENCE = `Claude Code is proprietary software of Anthropic: using it means accepting its terms (https://code.claude.com/docs/en/legal-and-compliance).
Backspace does not contain or redistribute it; this command downloads it from npm.`

const TEMPLATE = `Template().fromTemplate('base').npmInstall('@anthropic-ai/claude-code@${CLAUDE_CODE_VERSION}', { g: true })`

const CHOOSE = `To use it: BACKSPACE_AGENT=claude-code for every run, \`--agent claude-code\` in a comment, or "agent": "claude-code" in POST /code.
Claude Code asks Claude through Backspace, so ANTHROPIC_API_KEY must be set. \`npm run doctor\` says whether anything is missing.`

async function install(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { e2b: { type: 'boolean' } } })
  const say = (text: string) => void process.stdout.write(`${text}\n`)
  say(`${LICENCE}\n`)
  if (!values.e2b) {
    const directory = claudeCodeDirectory(dataDirectory())
    const program = await fetchClaudeCode({ directory, onProgress: say })
    const megabytes = Math.round((await stat(program)).size / 1e6)
    say(`Claude Code ${CLAUDE_CODE_VERSION} is installed: ${program} (${megabytes} MB).\n`)
  }
  say(`E2B sandboxes need it in the template that E2B_TEMPLATE names:\n  ${TEMPLATE}\n\n${CHOOSE}`)
}

await runFromTerminal(USAGE, install)
