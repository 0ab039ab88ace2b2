import { BackspaceError } from '../../../errors.ts'
import { type CheckedReceipt, checkReceipt } from '../../../receipts/check-receipt.ts'
import { readKeyList } from '../../../receipts/key-list.ts'
import { isAddress, keysAt, keysBeside, readSource, receiptAt, runAt } from '../../../receipts/read-source.ts'
import { compareClone } from '../clone/compare-clone.ts'
import { createPaint } from '../views/paint.ts'
import { showComparison, showReceipt, showRefusal } from './receipt-view.ts'

// Exit codes.
const VALID = 0
const NOT_VALID = 1
export const NOT_CHECKED = 2

interface VerifyOptions {
  /** File or address of the receipt, or address of its run. */
  readonly where: string
  /** File or address of the keys; default: those of the service that the receipt's address names. */
  readonly keys?: string | undefined
  /** Path of a clone to compare with. */
  readonly repo?: string | undefined
  /** The commit that the receipt must be about. */
  readonly commit?: string | undefined
}

/**
 * Checks a receipt and prints what it says, or why it is not valid.
 *
 * @returns the exit code.
 * @throws {BackspaceError} if the receipt could not be checked; the message says what to do.
 */
export async function verifyReceipt(
  { where: given, keys: keysFrom, repo, commit }: VerifyOptions,
  output: NodeJS.WritableStream & { readonly columns?: number },
): Promise<number> {
  // A terminal that does not know its width reports zero columns.
  const look = { paint: createPaint(output), width: output.columns || undefined }
  const where = receiptAt(given)
  const text = await readSource(where)
  const keys = keysFrom === undefined ? keysBeside(where) : keysAt(keysFrom)
  if (keys === undefined) throw noKeys()
  const found = checkReceipt(text, readKeyList(await readSource(keys)))
  const checked = found.verdict === 'valid' ? asExpected(found, { runId: runAt(where), commit }) : found
  if (checked.verdict !== 'valid') {
    output.write(showRefusal(checked, look))
    return checked.verdict === 'invalid' ? NOT_VALID : NOT_CHECKED
  }
  output.write(showReceipt(checked, { where: keys, isService: isAddress(keys) }, look))
  if (repo === undefined) return VALID
  const compared = await compareClone(repo, checked.statement)
  output.write(showComparison(compared, look))
  return compared.differences.length === 0 ? VALID : NOT_VALID
}

/** Refuses a genuine receipt of another run or commit. */
function asExpected(
  found: Extract<CheckedReceipt, { readonly verdict: 'valid' }>,
  { runId, commit }: { readonly runId: string | undefined; readonly commit: string | undefined },
): CheckedReceipt {
  const { run, head } = found.statement.predicate
  if (runId !== undefined && run.id !== runId) {
    const reason = `It is a genuine receipt of another run, ${run.id}.`
    return { verdict: 'invalid', reason }
  }
  if (commit !== undefined && head.commit !== commit.toLowerCase()) {
    const reason = `It is a genuine receipt of another commit, ${head.commit}. Write the whole id of a commit.`
    return { verdict: 'invalid', reason }
  }
  return found
}

function noKeys(): BackspaceError {
  return new BackspaceError(
    'bad_request',
    'A receipt in a file does not say whose keys to trust. Add --keys with the address of the Backspace that issued it (https://backspace.example), or with a file of its keys.',
  )
}
