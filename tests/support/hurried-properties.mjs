import * as fc from 'fast-check';

/** For mutation testing: a property tries as many cases as it can in this time, for every one of some thousand mutants. */
fc.configureGlobal({ interruptAfterTimeLimit: 150 });
