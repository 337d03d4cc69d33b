"""pace of mail

Revision ID: mail_pace
Revises: beside_scores
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.base


revision = 'mail_pace'
down_revision = 'beside_scores'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('mail_pace',
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('next_free', models.base.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_mail_pace'))
    )
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.add_column(sa.Column('time_zone', sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default='Asia/Shanghai'))


def downgrade() -> None:
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.drop_column('time_zone')

    op.drop_table('mail_pace')
