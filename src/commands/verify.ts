import { parseArgs } from 'node:util'
import { NOT_CHECKED, verifyReceipt } from './terminal/receipts/verify-receipt.ts'
import { onlyArgument } from './terminal/run/wrong-usage.ts'
import { runFromTerminal } from './terminal/service/from-terminal.ts'

const USAGE = `npm run verify -- <file or address of a receipt> [--keys <file or address>] [--commit <id>] [--repo <clone>]

  Checks the receipt of a run. It needs neither the service nor its settings.

  --keys    the keys of the service that issued the receipt: a file, the service's address (https://backspace.example), or
            the address of the keys. If the receipt is an address, the default is the keys of the same service.
  --commit  refuses a receipt of another commit
  --repo    compares the commit, its tree and its files with a clone on this machine

  The exit code is 0 if the receipt is valid, 1 if it is not, 2 if it could not be checked.`

async function verify(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { keys: { type: 'string' }, repo: { type: 'string' }, commit: { type: 'string' } },
    allowPositionals: true,
  })
  const where = onlyArgument(positionals, 'Name a receipt by its file or its address.')
  return verifyReceipt({ where, ...values }, process.stdout)
}

await runFromTerminal(USAGE, verify, () => NOT_CHECKED)
