/** Keys that sign receipts, without their secrets. One is in use, the others verify what they signed. */
export interface ReceiptKeysTable {
  /** SHA-256 of the public key (SPKI, DER), in hexadecimal. */
  id: string
  /** SPKI, DER. */
  public_key: Uint8Array
  created_at: Date
  /** Null for the key in use: the database allows one. */
  retired_at: Date | null
}

/** The private half of the key in use: not in backups, and deleted when the key is retired. */
export interface ReceiptSecretsTable {
  key_id: string
  /** PKCS #8, DER. */
  private_key: Uint8Array
}

/** One receipt per run. */
export interface ReceiptsTable {
  run_id: string
  /** Of the run that issued it. */
  attempt: number
  /** The commit that it is about. */
  commit: string
  key_id: string
  /** As it is served, to the byte. */
  envelope: string
  issued_at: Date
}
