" Vim syntax file
" Language: governance rules (.gov)
"
" Every reserved word stands once, in a group whose name begins with govOpen (words that begin a
" clause) or govMid (words that only continue one). tests/editors.rs reads these lists and compares
" them with the lexer's.

if exists('b:current_syntax')
  finish
endif

let s:cpo_save = &cpoptions
set cpoptions&vim

syntax case match
syntax iskeyword @,48-57,_,-
syntax sync minlines=200

" Words that begin a clause
syntax keyword govOpenDocument governance source import nextgroup=govNamespace skipwhite
syntax keyword govOpenDocument timezone note trace read
syntax keyword govOpenHeading section scenario nextgroup=govHeading skipwhite
syntax keyword govOpenKind body group thing calendar ladder nextgroup=govTypeName skipwhite
syntax keyword govOpenKind each nextgroup=govEachName skipwhite
syntax keyword govOpenKind role nextgroup=govRoleName skipwhite
syntax keyword govOpenKind state nextgroup=govStateName skipwhite
syntax keyword govOpenKind event nextgroup=govEventName skipwhite
syntax keyword govOpenKind define nextgroup=govDefineName skipwhite
syntax keyword govOpenKind decision nextgroup=govDecisionName skipwhite
syntax keyword govOpenDecision options nextgroup=govOptionName skipwhite
syntax keyword govOpenDecision quorum passes fails closes tie
syntax keyword govOpenRole term seats
syntax keyword govOpenModal must will should may nextgroup=govModalRest skipwhite
syntax keyword govOpenTrigger to on
syntax keyword govOpenEffect grant revoke set do
syntax keyword govOpenScenario given expect nothing
syntax keyword govOpenScenario finding nextgroup=govClauseName skipwhite

" Words that only continue a clause
syntax keyword govMidModal only
syntax keyword govMidLogic not and or
syntax keyword govMidVerb have be
syntax keyword govMidCondition if where among
syntax keyword govMidQuantity no some all at least most more than but of
syntax keyword govMidQuantity distinct exactly majority supermajority
syntax keyword govMidPhrase every except per within after before in last for until from by
syntax keyword govMidTail as overrides nextgroup=govClauseName skipwhite

" A name: letters, digits and _, of any script, with single hyphens between. A class that leaves
" out ASCII signs is how Vim says "letter of any script"; it has no other.
let s:letter = '[^[:punct:][:space:][:cntrl:]]'
let s:name = '[^[:punct:][:space:][:cntrl:][:digit:]]\%(' . s:letter . '\|_\)*\%(-\%(' . s:letter . '\|_\)\+\)*'

" Names, by the word they follow
execute 'syntax match govNamespace /' . s:name . '/ contained'
execute 'syntax match govTypeName /' . s:name . '/ contained'
" each X { takes X up again; by each X does not
execute 'syntax match govEachName /\%(\<by\s\+each\s\+\)\@<!' . s:name . '\ze\s*\%(\[[^]]*\]\s*\)\={/ contained'
execute 'syntax match govRoleName /' . s:name . '/ contained'
execute 'syntax match govStateName /' . s:name . '/ contained nextgroup=govStateRank skipwhite'
syntax match govStateRank /\<\%(initial\|final\)\>/ contained
execute 'syntax match govDefineName /' . s:name . '/ contained'
execute 'syntax match govDecisionName /' . s:name . '/ contained'
syntax match govModalRest /\<\%(not\|only\)\>/ contained
execute 'syntax match govClauseName /' . s:name . '\%(\.' . s:name . '\)*/ contained'

" event a(person: person), b: a list, with records' spellings and fields between
execute 'syntax match govEventName /' . s:name . '/ contained nextgroup=govEventComma,govEventFields,govEventSpelling skipwhite'
syntax region govEventSpelling start=/"/ skip=/\\./ end=/"/ end=/$/ contained oneline nextgroup=govEventComma,govEventFields skipwhite
syntax region govEventFields matchgroup=govDelimiter start=/(/ end=/)/ contained contains=govString,govField,govType,govMidQuantity,govComment nextgroup=govEventComma skipwhite
syntax match govEventComma /,/ contained nextgroup=govEventName skipwhite skipnl skipempty

" options form -> approved, subgroup
execute 'syntax match govOptionName /' . s:name . '/ contained nextgroup=govOptionComma,govOptionArrow skipwhite'
syntax match govOptionComma /,/ contained nextgroup=govOptionName skipwhite skipnl skipempty
syntax match govOptionArrow /->/ contained nextgroup=govOptionTarget skipwhite
execute 'syntax match govOptionTarget /' . s:name . '/ contained nextgroup=govOptionComma skipwhite'

" Names known by their place; none of them is reserved
syntax keyword govConstant true false
syntax keyword govSelf this self anyone today
syntax match govLifeEvent /\.\@1<=\%(added\|removed\|opened\|passed\|failed\|missed\|met\|broken\|mended\)\>/
execute 'syntax match govField /' . s:name . '\ze\s*:/'
syntax match govType /\%([:|]\s*\|\<list\s\+of\s\+\)\@<=\%(text\|number\|flag\|date\|duration\|person\|link\)\>/
syntax match govType /\%([:|]\s*\)\@<=list\ze\s\+of\>/

" Signs
syntax match govOperator /!=\|<=\|>=\|[=<>|]\|\.\./
syntax match govArrow /->/ nextgroup=govTarget skipwhite
execute 'syntax match govTarget /' . s:name . '/ contained'

" Numbers: 6, 2/3, 2..3, 1.. and 14 days; a unit counts as one after a number only
syntax match govNumber /\<\d\+\>/ nextgroup=govUnit skipwhite
syntax match govNumber /\<\d\+\s*\/\s*\d\+\>/
syntax match govNumber /\<\d\+\.\.\%(\d\+\>\)\=/
syntax match govUnit /\<\%(minute\|hour\|day\|week\|month\|year\)s\=\>/ contained
syntax match govDate /\<\d\{4}-\d\{2}-\d\{2}\%(T\d\{2}:\d\{2}\%(:\d\{2}\%(\.\d\+\)\=\)\=\%(Z\|[+-]\d\{2}:\d\{2}\)\=\)\=\>/

" Texts
syntax region govString start=/"/ skip=/\\./ end=/"/ end=/$/ oneline contains=govEscape,govBadEscape,govTemplate
syntax region govHeading start=/"/ skip=/\\./ end=/"/ end=/$/ oneline contained contains=govEscape,govBadEscape,govTemplate
syntax match govBadEscape /\\./ contained
syntax match govEscape /\\["\\nt]/ contained
execute 'syntax match govTemplate /{\s*' . s:name . '\%(\.' . s:name . '\)*\s*}/ contained'

" [IST-34, wgp "Leads"]; a bracket where a value is due is a list
syntax region govCitation matchgroup=govCitationSign start=/\[/ end=/\]/ end=/\ze[{}]/ end=/[,[:space:]]\@1<!\s*$/ contains=govReference,govSource,govString,govComment
syntax match govReference /[^][:space:],["{}#]\%(\%(\%(\s#\)\@![^][,"{}]\)*[^][:space:],["{}]\)\=/ contained
syntax match govSource /[^][:space:],["{}#]\%(\%(\%(\s#\)\@![^][,"{}]\)*[^][:space:],["{}]\)\=\ze\s*"/ contained
syntax region govList matchgroup=govDelimiter start=/\%([:=<>(,[]\s*\|\<among\s\+\)\@<=\[/ end=/\]/ contains=govList,govString,govDate,govNumber,govOperator,govConstant,govSelf,govComment

syntax region govBlock matchgroup=govDelimiter start=/{/ end=/}/ transparent fold

syntax keyword govTodo TODO FIXME XXX contained
syntax match govComment /#.*$/ contains=govTodo,@Spell

highlight default link govOpenDocument PreProc
highlight default link govOpenHeading PreProc
highlight default link govOpenKind Structure
highlight default link govOpenDecision Keyword
highlight default link govOpenRole Keyword
highlight default link govOpenModal Statement
highlight default link govOpenTrigger Conditional
highlight default link govOpenEffect Keyword
highlight default link govOpenScenario Keyword

highlight default link govMidModal govOpenModal
highlight default link govMidLogic Operator
highlight default link govMidVerb Keyword
highlight default link govMidCondition Conditional
highlight default link govMidQuantity Special
highlight default link govMidPhrase Keyword
highlight default link govMidTail Keyword
highlight default link govModalRest govOpenModal

highlight default link govNamespace Identifier
highlight default link govTypeName Type
highlight default link govEachName Type
highlight default link govRoleName Type
highlight default link govStateName Type
highlight default link govStateRank StorageClass
highlight default link govDefineName Function
highlight default link govDecisionName Function
highlight default link govEventName Function
highlight default link govOptionName Function
highlight default link govOptionTarget govTarget
highlight default link govTarget Type
highlight default link govClauseName Label

highlight default link govConstant Boolean
highlight default link govSelf Constant
highlight default link govLifeEvent Identifier
highlight default link govField Identifier
highlight default link govType Type

highlight default link govOperator Operator
highlight default link govArrow Operator
highlight default link govOptionArrow govArrow
highlight default link govDelimiter Delimiter
highlight default link govEventComma Delimiter
highlight default link govOptionComma Delimiter
highlight default link govNumber Number
highlight default link govUnit Number
highlight default link govDate Number
highlight default link govString String
highlight default link govEventSpelling govString
highlight default link govHeading Title
highlight default link govEscape SpecialChar
highlight default link govBadEscape Error
highlight default link govTemplate SpecialChar
highlight default link govCitationSign Delimiter
highlight default link govReference Tag
highlight default link govSource Identifier
highlight default link govComment Comment
highlight default link govTodo Todo

let b:current_syntax = 'gov'

let &cpoptions = s:cpo_save
unlet s:cpo_save s:letter s:name
