import { readConfig } from '../config.ts'
import { KEYS_PATH, type ReceiptKey } from '../receipts/key-list.ts'
import { WrongUsage } from './terminal/run/wrong-usage.ts'
import { runFromTerminal } from './terminal/service/from-terminal.ts'
import { withOffice } from './terminal/service/with-office.ts'
import { createPaint, type Paint } from './terminal/views/paint.ts'

const USAGE = `npm run keys -- list       lists the keys that sign receipts
npm run keys -- rotate     retires the key in use and makes a new one

  Receipts that a retired key signed stay valid, but it signs no new ones. Rotate if someone else may have read the database.
  This works whether or not Backspace is running. With PGlite, run it as the same user and with the same DATA_DIR.`

async function keys(args: readonly string[]): Promise<void> {
  const [action, ...more] = args
  const paint = createPaint(process.stdout)
  if (action === 'list' && more.length === 0) {
    const list = await withOffice(readConfig(), async ({ keys }) => keys.list())
    for (const key of list) process.stdout.write(describeKey(key, paint))
    if (list.length === 0) process.stdout.write('There are no keys yet: `npm start` makes the first one.\n')
  } else if (action === 'rotate' && more.length === 0) {
    const made = await withOffice(readConfig(), async ({ keys }) => keys.rotate())
    process.stdout.write(
      `${describeKey(made, paint)}Receipts are signed with this key from now on. The older keys stay listed at ${KEYS_PATH}.\n`,
    )
  } else {
    throw new WrongUsage('Write `list` or `rotate`, and nothing else.')
  }
}

function describeKey({ keyid, createdAt, retiredAt }: ReceiptKey, paint: Paint): string {
  const state = retiredAt === null ? paint('green', 'in use') : `retired ${retiredAt.toISOString()}`
  return `${paint('bold', keyid)}\n  made ${createdAt.toISOString()}, ${state}\n`
}

await runFromTerminal(USAGE, keys)
