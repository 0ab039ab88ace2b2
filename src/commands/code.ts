import { personalEnvironment } from '../config.ts'
import { readClientSettings } from '../settings/read-client.ts'
import { askAtTerminal, chooseTarget } from './terminal/clone/choose-target.ts'
import { readCodeOptions, USAGE } from './terminal/run/code-options.ts'
import { EXIT, exitCodeOfError } from './terminal/run/exit-codes.ts'
import { explainFailure } from './terminal/run/explain-failure.ts'
import { readPrompt } from './terminal/run/read-prompt.ts'
import { startAndShow } from './terminal/run/start-and-show.ts'
import { findService } from './terminal/service/find-service.ts'
import { planOwnService } from './terminal/service/own-service.ts'

/** Starts a run with `POST /code`, and shows it until it ends or the person detaches. */
async function code(args: readonly string[]): Promise<number> {
  const options = readCodeOptions(args)
  if (options === 'help') {
    process.stdout.write(`${USAGE}\n`)
    return EXIT.done
  }
  const { stdin, stdout, stderr } = process
  const { repo, localChanges, request, json, url, tokenFile } = options
  // With --json, standard output carries frames and nothing else.
  const words = json ? stderr : stdout
  const env = personalEnvironment()
  // npm runs scripts in the package's folder, so the person's own folder comes from INIT_CWD.
  const from = env.INIT_CWD ?? process.cwd()
  const found = findService(readClientSettings(env), { url, tokenFile, from })
  if (options.prompt.from === 'stdin' && stdin.isTTY) {
    stderr.write('Write the prompt, and end it with Ctrl-D on a line of its own.\n')
  }
  const prompt = await readPrompt(options.prompt, { from, input: stdin })
  const person = {
    from,
    print: (lines: string) => void words.write(lines),
    ask:
      stdin.isTTY && words.isTTY
        ? (question: string) => askAtTerminal(question, { input: stdin, output: words })
        : undefined,
  }
  // The service is asked first, so that nothing is pushed if it does not answer.
  const openOwn = url === undefined ? await planOwnService(env) : undefined
  const target = await chooseTarget({ repo, base: request.base, localChanges }, person)
  if (openOwn) person.print('\n  No Backspace runs on this machine: starting one in this process.\n')
  const own = await openOwn?.()
  try {
    const body = { ...request, ...target, prompt }
    return await startAndShow(own?.service ?? found, body, { output: stdout, words, json })
  } finally {
    await own?.close()
  }
}

const HINT =
  'npm run code -- --help shows every option. npm passes on only the options that have a -- before them.'

// A reader such as `head` closes the pipe when it has enough: `npm run --silent code -- … --json | head`.
process.stdout.on('error', () => process.exit(EXIT.detached))
code(process.argv.slice(2)).then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    const exitCode = exitCodeOfError(error)
    const hint = exitCode === EXIT.usage ? `\n${HINT}` : ''
    process.stderr.write(`${explainFailure(error, USAGE)}${hint}\n`)
    process.exit(exitCode)
  },
)
