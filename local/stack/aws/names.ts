/** The account and region everything local pretends to be in. */
export const ACCOUNT_ID = '000000000000';
export const REGION = 'us-east-1';
