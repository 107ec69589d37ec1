"""The words by which short messages betray their language, for `nlu/language.py`.

They stand in for examples while an installation has few of its own. Words that two languages
share are left out or written for both.
"""

COMMON_WORDS: dict[str, str] = {
    "es": """
        hola buenas buenos días tardes noches gracias por favor sí vale chau adiós ayuda ayúdame
        quiero quisiera necesito tengo tiene puedo puede puedes cómo qué dónde cuándo cuánto cuál
        quién porque pero también muy más menos esto esta este eso ese el la los las un una unos
        de del al en con sin para sobre hasta desde no ni soy eres es somos son estoy está están
        hay fue era mi tu su mis sus me te se nos le lo yo ella ellos nosotros usted ustedes ahora
        aquí acá allá hoy ayer mañana bien mal papeles carné trámite denuncia trabajo hijo hija
        esposo embarazada venezolano venezolana señor señora oye dime y o que a hacer hago saber
        vivir ir otro otra todo toda nada algo nadie siempre nunca ya bueno listo claro
    """,
    "en": """
        hello hi hey good morning afternoon evening thanks thank you please yes yeah no nope bye
        goodbye help me want would like need have has can could how what where when much which who
        because but also very more less this that these those the a an of in on at with without
        for about until from not nor i am you are he she it is we they was were be my your his her
        our their us them do does did don't can't won't i'm now here there today yesterday
        tomorrow well bad papers card report work job son daughter husband pregnant and or to if
        will get got know make any some all nothing someone always never already okay sure speak
        english
    """,
    "pt": """
        olá oi bom boa dia tarde noite obrigado obrigada por favor sim tchau ajuda ajude quero
        queria preciso tenho tem posso pode como onde quando quanto qual quem porque mas também
        muito mais menos isto isso esta este essa esse o a os as um uma uns de do da dos das ao no
        na nos nas em com sem para pra pro sobre até desde não nem sou é somos são estou está tô
        tá há foi era meu minha seu sua meus minhas me te se nos lhe eu ele ela eles nós você
        vocês agora aqui hoje ontem amanhã bem mal documentos carteira trabalho filho filha marido
        grávida senhor senhora e ou que fazer faço saber viver ir outro outra tudo nada alguém
        sempre nunca já então né vc oque gente moro fala português
    """,
    "fr": """
        bonjour salut bonsoir merci s'il vous plaît svp oui non au revoir aide aidez moi je veux
        voudrais besoin j'ai a peux peut comment quoi où quand combien quel quelle qui parce mais
        aussi très plus moins ça cela cette ce cet le la les un une des de du au aux en dans avec
        sans pour sur jusqu'à depuis ne pas ni suis es est sommes sont été était mon ma mes ton ta
        son sa ses me te se nous lui leur il elle ils elles vous on maintenant ici là aujourd'hui
        hier demain bien mal papiers carte plainte travail fils fille mari enceinte monsieur
        madame et ou que faire fais savoir vivre aller autre tout rien quelqu'un toujours jamais
        déjà d'accord c'est qu'est-ce n'ai n'est chez parle français
    """,
    "ht": """
        bonjou bonswa alo sak pase mèsi souple tanpri wi non babay orevwa ede m mwen vle ta renmen
        bezwen gen ka kapab kijan kouman kisa ki kote kilè konbyen ki moun paske men tou trè plis
        mwens sa sila a la an nan yo yon de ak avèk san pou sou jiska depi pa se te ap pral m w l
        li nou ou yo mwen menm kounye a isit la jodi yè demen byen mal papye kat plent travay
        pitit gason fi mari ansent mesye madanm epi oswa fè konnen viv ale lòt tout anyen yon moun
        toujou janm deja dakò eske èske kòman mwenm papam lakay peyi timoun lapolis lopital jwenn
        poko konn kreyòl ayisyen pale m'ap m'pa n'ap l'ap
    """,
    "qu": """
        allillanchu rimaykullayki napaykullayki añay sulpayki yusulpayki ama hina kaspa arí manan
        manam mana tupananchikkama yanapaway yanapawankuman munani necesitani atini atiymanchu
        imaynataq imayna imataq ima maypitaq maypi maymanta hayk'aq haykaq hayka pi pitaq mayqin
        ichaqa hinallataq ancha aswan pisi kay chay haqay huk ñuqa noqa qam qan pay ñuqanchik
        ñuqayku kani kanki kan kanku kachkani kachkan kasqa karqa ñuqapa qampa paypa kunan kaypi
        chaypi paqarin qayna allin mana allin papelniy carneyuq llamkay llamk'ay churiy ususiy
        qusay wiksayuq taytay mamay hinaspa utaq imata ruwani rurani yachani kawsani riyta riy
        llapan imapas pipas runasimi rimay rimani wasi wawa warma hampi unquy
    """,
}
