import { AppError } from '../../core/shared/app-error.ts';

/** The vendor was not asked, or not waited for, because our own time was over: this says nothing of what was asked. */
export class NoTimeLeft extends AppError {}
